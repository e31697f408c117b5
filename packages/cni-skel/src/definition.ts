import type { ConfOf, Handlers, Kind } from './handlers.ts';
import type { LogOptions } from './log.ts';
import type { Awaitable } from './rollback.ts';
import type { StandardSchema } from './schema.ts';
import type { CNIVersion } from './version.ts';

/** A plugin as its author writes it down. */
export interface PluginDefinition<Conf, Args, K extends Kind> extends Handlers<Conf, Args, K> {
  /** What the log and the words about the plugin call it; by custom the name of its executable. */
  readonly name: string;
  /** The plugin's own version, shown to people who run it by hand. */
  readonly version: string;
  /** Default "interface". A chained plugin is never called without a `prevResult`. */
  readonly kind?: K;
  /** Versions of the SPEC that a configuration may be of; default all of them. */
  readonly supportedVersions?: readonly [CNIVersion, ...CNIVersion[]];
  /**
   * Validates the plugin's own keys: those of the configuration that the SPEC does not define, or for an IPAM plugin
   * those in `ipam`. May be asynchronous. What it refuses is error 7; to answer otherwise, throw a CNIError in it.
   */
  readonly conf?: StandardSchema<Conf>;
  /**
   * What of the plugin's own keys DEL and GC go by where `conf` refuses them. Runtimes hand in the configuration of today,
   * and one that was broken after ADD must not keep pods from going. Without it they are answered with the error.
   */
  readonly salvage?: (keys: unknown) => Awaitable<Conf>;
  /**
   * Validates the pairs in CNI_ARGS, all strings. Keys that its output lacks are unknown, which is error 4 unless
   * CNI_ARGS has `IgnoreUnknown=1`; a strict schema, which refuses them itself, would refuse what Kubernetes sends. Without
   * it CNI_ARGS is read for {@link K8sArgs} and cannot fail.
   */
  readonly args?: StandardSchema<Args>;
  /** Plugins that ADD delegates to. DEL, CHECK, GC and STATUS are passed on to each of them after the handler. */
  readonly delegates?: (conf: ConfOf<Conf, K>) => readonly string[];
  /**
   * Milliseconds until a request is aborted, rolled back and answered with error 11; default none. Should be less than
   * the runtime's patience, for that ends in SIGKILL. A handler that never awaits cannot be interrupted.
   */
  readonly timeout?: number;
  /** Where the log goes beside standard error. */
  readonly log?: (conf: ConfOf<Conf, K>) => Awaitable<LogOptions>;
}
