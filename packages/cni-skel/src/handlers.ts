// What a plugin's author writes against: the handlers of each command and what they are given.
import type { K8sArgs } from './args.ts';
import type { Attachment, PluginConf, RuntimeConfig } from './conf.ts';
import type { Delegate } from './delegate/delegate.ts';
import type { CmdArgs } from './environment.ts';
import type { Logger } from './log.ts';
import type { IPAMResult, Result } from './result/result.ts';
import type { Awaitable, Rollback } from './rollback.ts';

/**
 * What a plugin is: one that makes an interface, one that is chained after another and changes what that made, or one
 * that hands out addresses to another.
 */
export type Kind = 'interface' | 'chained' | 'ipam';

/** The configuration: the SPEC's keys and the plugin's own, which for an IPAM plugin lie in `ipam`. */
export type ConfOf<Conf, K extends Kind> = K extends 'ipam'
  ? Omit<PluginConf, 'ipam'> & { ipam: { type: string } & Conf }
  : PluginConf & Conf;

/** What every handler is given. */
export interface Context<Conf = object, K extends Kind = Kind> {
  /** The configuration, validated. */
  readonly conf: ConfOf<Conf, K>;
  /** Whatever the level, an error carries the last events as its details: runtimes drop standard error when ADD fails. */
  readonly log: Logger;
  /** Aborts when the process is told to end (SIGTERM, SIGINT) or `timeout` has passed. */
  readonly signal: AbortSignal;
  /** The request as it came. */
  readonly cmdArgs: CmdArgs;
  /**
   * Another plugin, to run with this request's environment and configuration (SPEC section 4).
   * @param type name of its executable, to be found in CNI_PATH
   * @param conf another configuration for it
   */
  delegate(type: string, conf?: object): Delegate;
}

/** What the handlers of one attachment are given: ADD, DEL and CHECK. */
export interface AttachmentContext<Conf = object, Args = K8sArgs, K extends Kind = Kind>
  extends Context<Conf, K>,
    Attachment {
  /** CNI_ARGS. If `conf.args` or `runtimeConfig` has an equivalent, that one counts (CONVENTIONS.md). */
  readonly args: Args;
  /** Arguments for the capabilities that the configuration declares; empty where there is none. */
  readonly runtimeConfig: RuntimeConfig;
}

/** What ADD is given. */
export interface AddContext<Conf = object, Args = K8sArgs, K extends Kind = Kind>
  extends AttachmentContext<Conf, Args, K> {
  /** Path of the container's network namespace; never the plugin's own. */
  readonly netns: string;
  /** What the plugins before this one made. */
  readonly prevResult: K extends 'chained' ? Result : Result | undefined;
  /** What is deferred here runs, last first, if ADD fails, is aborted, or its result cannot be written. */
  readonly rollback: Rollback;
}

/** What CHECK is given. */
export interface CheckContext<Conf = object, Args = K8sArgs, K extends Kind = Kind>
  extends AttachmentContext<Conf, Args, K> {
  /** Path of the container's network namespace. */
  readonly netns: string;
  /** The final result of the whole chain: later plugins' changes are in it. */
  readonly prevResult: Result;
}

/** What DEL is given. */
export interface DelContext<Conf = object, Args = K8sArgs, K extends Kind = Kind>
  extends AttachmentContext<Conf, Args, K> {
  /** Path of the container's network namespace; undefined where that is gone, which is no error. */
  readonly netns: string | undefined;
  /** The final result of the whole chain, where the runtime still has it. */
  readonly prevResult: Result | undefined;
}

/** What GC is given. */
export interface GCContext<Conf = object, K extends Kind = Kind> extends Context<Conf, K> {
  /** The attachments of this network that still exist. Undefined: the runtime sent no list, so nothing is known stale. */
  readonly validAttachments: readonly Attachment[] | undefined;
  /** Whether an attachment must be kept: it is in the list, or there is no list. */
  isValid(attachment: Attachment): boolean;
}

/** What STATUS is given. */
export type StatusContext<Conf = object, K extends Kind = Kind> = Context<Conf, K>;

/** What ADD must return: a chained plugin that returns nothing passes the previous result on. */
export type AddResult<K extends Kind> = K extends 'chained'
  ? // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement returns void
    Result | undefined | void
  : K extends 'ipam'
    ? IPAMResult
    : Result;

/** A handler for each command (SPEC section 2). Each may be synchronous; VERSION needs none. */
export interface Handlers<Conf, Args, K extends Kind> {
  /** Makes or changes the container's interface. Fails if the interface is already there, before it delegates anything. */
  add(context: AddContext<Conf, Args, K>): Awaitable<AddResult<K>>;
  /** Removes what ADD made, as much of it as is still there. Finding nothing is no error. */
  del(context: DelContext<Conf, Args, K>): Awaitable<void>;
  /** Throws unless everything that ADD made is as it should be. Changes nothing. */
  check?(context: CheckContext<Conf, Args, K>): Awaitable<void>;
  /** Removes what belongs to attachments that are no longer valid. */
  gc?(context: GCContext<Conf, K>): Awaitable<void>;
  /** Throws code 50 or 51 unless an ADD could be served now. */
  status?(context: StatusContext<Conf, K>): Awaitable<void>;
}
