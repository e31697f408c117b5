import type { Kind } from '../../handlers.ts';
import type { Result } from '../../result/result.ts';
import type { Awaitable } from '../../rollback.ts';
import type { CNIVersion } from '../../version.ts';

/** A network namespace that is removed when it is disposed of. */
export interface Namespace extends AsyncDisposable {
  /** Path for CNI_NETNS. */
  readonly path: string;
}

/** What a plugin needs to run, and how to observe what it did. */
export interface Fixture {
  /** Default "interface". */
  readonly kind?: Kind;
  /** The network configuration, without `cniVersion`, `name` and `prevResult`. */
  readonly conf: object;
  /** CNI_IFNAME; default eth0. */
  readonly ifName?: string;
  /** CNI_ARGS; default none. */
  readonly args?: string;
  /** Values of capabilities. */
  readonly runtimeConfig?: object;
  /** For a chained plugin: the result of the plugins before it, in this namespace. */
  readonly prevResult?: (netns: string) => Result;
  /** Creates the network namespace of a container, including what the plugins before this one created in it. */
  readonly netns: () => Awaitable<Namespace>;
  /**
   * Everything that ADD may change on the node and, while it exists, in the namespace. Snapshots are compared by
   * `assert.deepEqual`.
   */
  readonly snapshot: (netns: string) => Awaitable<unknown>;
  /** Damages what ADD created, so that CHECK must fail. */
  readonly damage?: (netns: string) => Awaitable<void>;
  /** Versions to test; default those that the plugin supports. */
  readonly versions?: readonly CNIVersion[];
  /** CNI_PATH; default /opt/cni/bin. */
  readonly path?: string;
  /** A program and its arguments that run the executable: `['nsenter', '--net=/run/netns/node']`. */
  readonly exec?: readonly string[];
}
