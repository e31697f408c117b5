// All ways to and from a pod, by each of its NICs.
import { type PerFamily, perFamily } from '../../../tools/lab/family.ts';
import { type Bends, flows } from '../../../tools/lab/flows.ts';
import type { Host } from '../../../tools/lab/lan.ts';
import { type Namespace, show } from '../../../tools/lab/namespace.ts';
import type { Flow } from '../../../tools/lab/probe.ts';
import type { Segment, WideLab } from '../../../tools/lab/wide.ts';

export interface Way {
  readonly way: string;
  readonly flow: Flow;
}

/** A NIC of the pod. It stands in a LAN, or is an overlay's. */
export interface End {
  readonly ifName: string;
  readonly addresses: PerFamily<string>;
  readonly segment: Segment | undefined;
}

/** How one goes them. */
export interface Means extends Pick<Bends, 'protocol'> {
  /** The addresses of a service for it; undefined where there is none. */
  readonly clusterIP?: PerFamily<string> | undefined;
}

/** What the pod begins without saying from where has the address of its first NIC. */
export function waysOf(lab: WideLab, pod: Namespace, nics: readonly End[], means: Means = lab): Way[] {
  const bound = nics.flatMap(nic => waysOfNic(lab, pod, nic, means));
  return [...bound, ...unbound(lab, { ...pod, addresses: nics[0]!.addresses }, means)];
}

function waysOfNic(lab: WideLab, pod: Namespace, { ifName, addresses, segment }: End, means: Means): Way[] {
  const { node, overlay, remote, segments } = lab;
  const { client, gateway, node: facing } = segment ?? segments.lan;
  const nic = { ...pod, addresses };
  const sources = segment ? facing.addresses : sourcesTo(node, addresses);
  const between = flowsBy(means);
  const out = (to: Host, bends?: Bends) => between(nic, to, { bound: true, ...bends });
  return named({
    ...(means.clusterIP && { [`${ifName} → ClusterIP`]: out(overlay, { addresses: means.clusterIP }) }),
    [`${ifName} → overlay pod`]: out(overlay),
    [`overlay pod → ${ifName}`]: between(overlay, nic),
    [`${ifName} → own node`]: out(node),
    [`${ifName} → own node’s address in its LAN`]: out(facing),
    [`own node → ${ifName}`]: between(facing, nic, { sources }),
    [`LAN client → ${ifName}`]: between(client, nic),
    [`client behind the gateway → ${ifName}`]: between(remote, nic),
    [`${ifName} → LAN client`]: out(client),
    [`${ifName} → gateway`]: out(gateway),
  });
}

function unbound({ overlay, remote }: WideLab, pod: Host, means: Means): Way[] {
  const between = flowsBy(means);
  return named({
    ...(means.clusterIP && { 'pod → ClusterIP': between(pod, overlay, { addresses: means.clusterIP }) }),
    'pod → overlay pod': between(pod, overlay),
    'pod → client behind the gateway': between(pod, remote),
  });
}

function flowsBy({ protocol }: Means): typeof flows {
  return (from, to, bends) => flows(from, to, { ...bends, ...(protocol && { protocol }) });
}

/** The addresses from which the node sends to a pod of an overlay, which are not ours to choose. */
function sourcesTo(node: Namespace, addresses: PerFamily<string>): PerFamily<string> {
  return perFamily(family => addresses[family] && routeTo(node, addresses[family]).prefsrc);
}

export function routeTo(from: Namespace, ...destination: string[]) {
  return show<{ dev: string; prefsrc: string }>(from, 'route', 'get', ...destination)[0]!;
}

function named(all: Record<string, PerFamily<Flow>>): Way[] {
  return Object.entries(all).flatMap(([way, perFamily]) =>
    Object.entries(perFamily).map(([family, flow]) => ({ way: `${way} (${family})`, flow })),
  );
}
