// The interface to the plugin's author: the handler of each command, and its parameters.
import type { K8sArgs } from './args.ts';
import type { Attachment, PluginConf, RuntimeConfig } from './conf.ts';
import type { Delegate } from './delegate/delegate.ts';
import type { CmdArgs } from './environment.ts';
import type { Logger } from './log.ts';
import type { IPAMResult, Result } from './result/result.ts';
import type { Awaitable, Rollback } from './rollback.ts';

/**
 * Kinds of plugins: one that creates an interface; one that is chained after others and changes what they created; one
 * that allocates addresses for another plugin (IPAM).
 */
export type Kind = 'interface' | 'chained' | 'ipam';

/** The configuration: the SPEC's keys and the plugin's own, which for an IPAM plugin are in `ipam`. */
export type ConfOf<Conf, K extends Kind> = K extends 'ipam'
  ? Omit<PluginConf, 'ipam'> & { ipam: { type: string } & Conf }
  : PluginConf & Conf;

/** Parameters of all handlers. */
export interface Context<Conf = object, K extends Kind = Kind> {
  /** The configuration, validated. */
  readonly conf: ConfOf<Conf, K>;
  /**
   * The log of the request. An error carries the last events of the log as its details, because runtimes drop standard
   * error when ADD fails.
   */
  readonly log: Logger;
  /** Aborted when the process receives SIGTERM or SIGINT, or when `timeout` has passed. */
  readonly signal: AbortSignal;
  /** The request as the runtime sent it. */
  readonly cmdArgs: CmdArgs;
  /**
   * Another plugin, which is run with this request's environment and configuration (SPEC section 4).
   * @param type name of its executable in CNI_PATH
   * @param conf another configuration for it
   */
  delegate(type: string, conf?: object): Delegate;
}

/** Parameters of the handlers for one attachment: ADD, DEL and CHECK. */
export interface AttachmentContext<Conf = object, Args = K8sArgs, K extends Kind = Kind>
  extends Context<Conf, K>,
    Attachment {
  /** CNI_ARGS. If `conf.args` or `runtimeConfig` has an equivalent, that takes precedence (CONVENTIONS.md). */
  readonly args: Args;
  /** Values of the capabilities that the configuration declares; empty if there are none. */
  readonly runtimeConfig: RuntimeConfig;
}

/** Parameters of ADD. */
export interface AddContext<Conf = object, Args = K8sArgs, K extends Kind = Kind>
  extends AttachmentContext<Conf, Args, K> {
  /** Path of the container's network namespace. Never the plugin's own, unless CNI_NETNS_OVERRIDE allows it. */
  readonly netns: string;
  /** Result of the plugins before this one. */
  readonly prevResult: K extends 'chained' ? Result : Result | undefined;
  /** Steps that run, last first, if ADD fails, is aborted, or its result cannot be written. */
  readonly rollback: Rollback;
}

/** Parameters of CHECK. */
export interface CheckContext<Conf = object, Args = K8sArgs, K extends Kind = Kind>
  extends AttachmentContext<Conf, Args, K> {
  /** Path of the container's network namespace. */
  readonly netns: string;
  /** Final result of the whole chain, including the changes of later plugins. */
  readonly prevResult: Result;
}

/** Parameters of DEL. */
export interface DelContext<Conf = object, Args = K8sArgs, K extends Kind = Kind>
  extends AttachmentContext<Conf, Args, K> {
  /** Path of the container's network namespace; undefined if the namespace no longer exists, which is not an error. */
  readonly netns: string | undefined;
  /** Final result of the whole chain, if the runtime still has it. */
  readonly prevResult: Result | undefined;
}

/** Parameters of GC. */
export interface GCContext<Conf = object, K extends Kind = Kind> extends Context<Conf, K> {
  /**
   * The attachments to this network that still exist. Undefined if the runtime sent no list: then none is known to be
   * stale.
   */
  readonly validAttachments: readonly Attachment[] | undefined;
  /** Whether an attachment must be kept: it is in the list, or there is no list. */
  isValid(attachment: Attachment): boolean;
}

/** Parameters of STATUS. */
export type StatusContext<Conf = object, K extends Kind = Kind> = Context<Conf, K>;

/** Return type of ADD. A chained plugin that returns nothing passes the previous result on. */
export type AddResult<K extends Kind> = K extends 'chained'
  ? // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement returns void
    Result | undefined | void
  : K extends 'ipam'
    ? IPAMResult
    : Result;

/** Handlers of the commands (SPEC section 2). Each may be synchronous or asynchronous. VERSION needs none. */
export interface Handlers<Conf, Args, K extends Kind> {
  /** Creates or changes the container's interface. Must fail if the interface exists, before it delegates anything. */
  add(context: AddContext<Conf, Args, K>): Awaitable<AddResult<K>>;
  /** Removes what ADD created, as far as it still exists. It is not an error if nothing is found. */
  del(context: DelContext<Conf, Args, K>): Awaitable<void>;
  /** Throws unless everything that ADD created is as it should be. Changes nothing. */
  check?(context: CheckContext<Conf, Args, K>): Awaitable<void>;
  /** Removes what belongs to attachments that are no longer valid. */
  gc?(context: GCContext<Conf, K>): Awaitable<void>;
  /** Throws code 50 or 51 if an ADD could not be handled now. */
  status?(context: StatusContext<Conf, K>): Awaitable<void>;
}
