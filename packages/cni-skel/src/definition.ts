import type { ConfOf, Handlers, Kind } from './handlers.ts';
import type { LogOptions } from './log.ts';
import type { Awaitable } from './rollback.ts';
import type { StandardSchema } from './schema.ts';
import type { CNIVersion } from './version.ts';

/** The definition of a plugin by its author. */
export interface PluginDefinition<Conf, Args, K extends Kind> extends Handlers<Conf, Args, K> {
  /** Name in the log and in messages; by convention that of the executable. */
  readonly name: string;
  /** Version of the plugin, shown to users who run it by hand. */
  readonly version: string;
  /** Default "interface". A chained plugin is never called without a `prevResult`. */
  readonly kind?: K;
  /** Versions of the SPEC that a configuration may use; default all of them. */
  readonly supportedVersions?: readonly [CNIVersion, ...CNIVersion[]];
  /**
   * Validates the plugin's own keys: those that the SPEC does not define or, for an IPAM plugin, those in `ipam`. May be
   * asynchronous. A value that it refuses is answered with error 7; throw a CNIError in it to answer with another one.
   */
  readonly conf?: StandardSchema<Conf>;
  /**
   * Returns the configuration that DEL and GC use if `conf` refuses it. Runtimes pass the current configuration, so an
   * error that was introduced after ADD would otherwise keep pods from being deleted. Without it, DEL and GC are answered
   * with the error.
   */
  readonly salvage?: (keys: unknown) => Awaitable<Conf>;
  /**
   * Validates the pairs in CNI_ARGS; all values are strings. Keys that its output does not have are unknown, which is
   * error 4 unless CNI_ARGS has `IgnoreUnknown=1`. Do not use a strict schema: it would refuse the keys that Kubernetes
   * sends. If unset, CNI_ARGS is read as {@link K8sArgs}, which cannot fail.
   */
  readonly args?: StandardSchema<Args>;
  /**
   * Types of the plugins that ADD delegates to. DEL, CHECK, GC and STATUS are passed on to each of them after the handler
   * has run.
   */
  readonly delegates?: (conf: ConfOf<Conf, K>) => readonly string[];
  /**
   * Milliseconds after which a request is aborted, rolled back and answered with error 11; default none. It should be
   * less than the runtime's own timeout, which ends in SIGKILL. A handler that never awaits cannot be interrupted.
   */
  readonly timeout?: number;
  /** Where to write the log in addition to standard error. */
  readonly log?: (conf: ConfOf<Conf, K>) => Awaitable<LogOptions>;
}
