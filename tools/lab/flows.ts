// The flows to and from a pod of the underlay, and which of them must work.
import { type PerFamily, perFamily } from './family.ts';
import type { Lab } from './lab.ts';
import type { Host } from './lan.ts';
import type { Pod } from './pod.ts';
import type { Flow } from './probe.ts';

export interface Row {
  readonly from: string;
  readonly to: string;
  /** If false, it must fail. */
  readonly mustWork: boolean;
  readonly flows: PerFamily<Flow>;
}

/** `connected`: whether the pod has veth. Without veth it reaches only its LAN, except its own node. */
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

/** Optional properties of flows. */
export interface Bends extends Pick<Flow, 'port' | 'protocol'> {
  /** Destinations, if they differ from the addresses of the server. */
  readonly addresses?: PerFamily<string>;
  /** Sources that the server sees, if they are translated. */
  readonly sources?: PerFamily<string>;
  /** Binds the connections to the address of `from`. By default the kernel selects the source. */
  readonly bound?: boolean;
}

/** A flow for each family that both ends have. By default the server must see the client's own address. */
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
