// The networks of a node's pods, as configuration lists for its container runtime.
import type { NetworkConf, NetworkConfList } from '@spider/cni-skel/testing';
import { type PerFamily, perFamily } from './family.ts';
import type { Range } from './lan.ts';
import type { Namespace } from './namespace.ts';

/** CIDRs of pods and services in the whole cluster. */
export const cluster = {
  pods: { IPv4: '10.244.0.0/16', IPv6: 'fd00:10:244::/56' },
  services: { IPv4: '10.96.0.0/16', IPv6: 'fd00:10:96::/112' },
};

/** Configuration of veth, which connects a pod of the underlay to its cluster. */
export const veth: NetworkConf = {
  type: 'veth',
  cluster_cidr: Object.values(cluster.pods),
  service_cidr: Object.values(cluster.services),
};

/** A network of pods on a bridge of the node, which forwards for them. */
export function overlay(node: Namespace, subnets: PerFamily<string>): NetworkConfList {
  const bridge = { type: 'bridge', bridge: 'cni0', isDefaultGateway: true, ipam: hostLocal(node, whole(subnets)) };
  return { cniVersion: '0.3.1', name: 'overlay', plugins: [bridge] };
}

/** An overlay in which each pod has a link of its own to the node, as with Calico: the node is its only neighbour. */
export function routed(node: Namespace, subnets: PerFamily<string>): NetworkConfList {
  const ptp = { type: 'ptp', ipam: { ...hostLocal(node, whole(subnets)), routes: defaults(subnets) } };
  return { cniVersion: '0.3.1', name: 'routed', plugins: [ptp] };
}

/** A network of pods that are in the node's LAN: macvlan, and the plugins chained after it. */
export function underlay(
  node: Namespace,
  ranges: PerFamily<Range>,
  chain: readonly NetworkConf[] = [],
  { name, master } = { name: 'underlay', master: 'eth0' },
): NetworkConfList {
  const ipam = { ...hostLocal(node, ranges), routes: defaults(ranges) };
  const macvlan = { type: 'macvlan', master, mode: 'bridge', ipam };
  return { cniVersion: '0.3.1', name, plugins: [macvlan, ...chain] };
}

/** A default route for each family that exists. */
function defaults(present: PerFamily<unknown>) {
  const anywhere = { IPv4: '0.0.0.0/0', IPv6: '::/0' };
  return Object.values(perFamily(family => present[family] && { dst: anywhere[family] }));
}

function whole(subnets: PerFamily<string>) {
  return perFamily(family => subnets[family] && { subnet: subnets[family] });
}

/** Each node stores its allocated addresses in a directory of its own. */
function hostLocal(node: Namespace, ranges: PerFamily<unknown>) {
  return {
    type: 'host-local',
    dataDir: `/run/cni/${node.name}/host-local`,
    ranges: Object.values(ranges).map(range => [range]),
  };
}
