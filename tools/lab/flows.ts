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
    { from: 'pod', to: 'ClusterIP', mustWork: connected, flows: flows(pod, overlay, clusterIP) },
    { from: 'pod', to: 'overlay pod', mustWork: connected, flows: flows(pod, overlay) },
    { from: 'overlay pod', to: 'pod', mustWork: connected, flows: flows(overlay, pod) },
    { from: 'pod', to: 'own node', mustWork: connected, flows: flows(pod, node) },
    { from: 'own node', to: 'pod', mustWork: connected, flows: flows(node, pod) },
    { from: 'LAN client', to: 'pod', mustWork: true, flows: flows(client, pod) },
    { from: 'pod', to: 'gateway', mustWork: true, flows: flows(pod, gateway) },
  ];
}

/** In each family that both ends have. Nobody translates the source: the server must see the client's own address. */
function flows(from: Host, to: Host, addresses = to.addresses): PerFamily<Flow> {
  return perFamily(family => {
    const [source, address] = [from.addresses[family], addresses[family]];
    return source && address ? { from, address, server: to.name, source } : undefined;
  });
}
