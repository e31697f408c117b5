import type { Kind } from '../../handlers.ts';
import type { Result } from '../../result/result.ts';
import type { Awaitable } from '../../rollback.ts';
import type { CNIVersion } from '../../version.ts';

/** A network namespace that vanishes when it is disposed of. */
export interface Namespace extends AsyncDisposable {
  /** As CNI_NETNS has it. */
  readonly path: string;
}

/** What a plugin needs for its work, and how to see what it did. */
export interface Fixture {
  /** Default "interface". */
  readonly kind?: Kind;
  /** The network configuration, without `cniVersion`, `name` and `prevResult`. */
  readonly conf: object;
  /** CNI_IFNAME; default eth0. */
  readonly ifName?: string;
  /** CNI_ARGS */
  readonly args?: string;
  /** Arguments for capabilities. */
  readonly runtimeConfig?: object;
  /** For a chained plugin: what the plugins before it made in a namespace. */
  readonly prevResult?: (netns: string) => Result;
  /** Makes a container's network namespace, with what the plugins before made in it. */
  readonly netns: () => Awaitable<Namespace>;
  /** All that ADD may change on the node and, while it exists, in the namespace; compared as `assert.deepEqual` does. */
  readonly snapshot: (netns: string) => Awaitable<unknown>;
  /** Damages what ADD made, so that CHECK must fail. */
  readonly damage?: (netns: string) => Awaitable<void>;
  /** Default those that the plugin supports. */
  readonly versions?: readonly CNIVersion[];
  /** CNI_PATH; default /opt/cni/bin. */
  readonly path?: string;
  /** A program and its arguments that run the executable: `['nsenter', '--net=/run/netns/node']`. */
  readonly exec?: readonly string[];
}
