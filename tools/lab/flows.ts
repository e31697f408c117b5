// The ways to and from a pod of the underlay, and which of them must work.
import { type PerFamily, perFamily } from './family.ts';
import type { Lab } from './lab.ts';
import type { Host } from './lan.ts';
import type { Pod } from './pod.ts';
import type { Flow } from './probe.ts';

export interface Row {
  readonly from: string;
  readonly to: string;
  /** Otherwise it must fail. */
  readonly mustWork: boolean;
  readonly flows: PerFamily<Flow>;
}

/** `connected` says whether the pod has veth. Without it only its LAN is in reach, and not even all of that: its own node. */
export function rowsOf(lab: Lab, pod: Pod, connected: boolean): Row[] {
  const { gateway, client, node, overlay, clusterIP } = lab;
  return [
    { from: 'pod', to: 'ClusterIP', mustWork: connected, flows: flows(pod, overlay, { addresses: clusterIP }) },
    { from: 'pod', to: 'overlay pod', mustWork: connected, flows: flows(pod, overlay) },
    { from: 'overlay pod', to: 'pod', mustWork: connected, flows: flows(overlay, pod) },
    { from: 'pod', to: 'own node', mustWork: connected, flows: flows(pod, node) },
    { from: 'own node', to: 'pod', mustWork: connected, flows: flows(node, pod) },
    { from: 'LAN client', to: 'pod', mustWork: true, flows: flows(client, pod) },
    { from: 'pod', to: 'gateway', mustWork: true, flows: flows(pod, gateway) },
  ];
}

/** More of flows than where they begin and end. */
export interface Bends extends Pick<Flow, 'port' | 'protocol'> {
  /** Where they go, when that is not where the server is. */
  readonly addresses?: PerFamily<string>;
  /** Where they seem to come from, when somebody translates the source. */
  readonly sources?: PerFamily<string>;
  /** True to bind them to the address of `from`, rather than leave it to the kernel to choose that one. */
  readonly bound?: boolean;
}

/** In each family that both ends have. The server must see the client's own address unless told otherwise. */
export function flows(
  from: Host,
  to: Host,
  { addresses = to.addresses, sources = from.addresses, bound, ...rest }: Bends = {},
): PerFamily<Flow> {
  return perFamily(family => {
    const [own, address, source] = [from.addresses[family], addresses[family], sources[family]];
    if (!own || !to.addresses[family] || !address || !source) return undefined;
    return { from, address, server: to.name, source, ...(bound && { bind: own }), ...rest };
  });
}
