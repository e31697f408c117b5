// Packets that bypass the node or the pair, though they should go through it.
import { Address, InterfaceAddress, Prefix } from '@spider/ip';
import { address, anywhere, familyOf, hostPrefix, type Link, link, type Route, route } from '@spider/rtnetlink';
import { podEnd, protocol } from '../../datapath.ts';
import { customRuleFor } from '../rule.ts';
import { isLocal, type Packet } from './lookup.ts';
import type { Place } from './place.ts';
import type { Places } from './places.ts';
import { Stop } from './step.ts';

/**
 * Kinds of links through which a node reaches pods. Links of other kinds may lead to a LAN that the pod reaches as well.
 */
const podKinds = ['bridge', 'veth', 'vxlan', 'geneve', 'ipip', 'sit', 'ip6tnl', 'wireguard', 'tun', 'dummy'];

/**
 * What the node would do with a packet that leaves the pod by a NIC; undefined if it does not concern the node.
 * @throws Stop if its destination is a ClusterIP, which nobody beyond the node knows
 */
export function nodeBypass(places: Places, packet: Packet, nic: Link): string | undefined {
  const { node } = places;
  const { src, dst } = packet;
  const past = 'but the packet leaves past the node';
  const service = places.hooksOf(node).serviceOf({ ...packet, mark: undefined });
  if (service?.isClusterIP)
    throw new Stop(`${dst} is a ClusterIP, which the node translates to ${service.dst}, ${past}, by ${nic.name}`);
  if (service) return `the node translates ${dst} to ${service.dst}, as that of a service, ${past}`;
  const match = matchOf(node, dst);
  if (!match || match.dst === anywhere[familyOf(dst)] || match.oif === undefined) return undefined;
  if (match.type === 'local') return `${dst} is the node's, ${past}`;
  const out = node.rtnetlink.execute(link.get({ index: match.oif }));
  const parent = places.parentOf(places.pod, nic);
  const isParent = parent?.place === node && parent.link.index === match.oif;
  const isOwnLan = src !== undefined && match.dst !== undefined && Prefix.parse(match.dst).contains(Address.parse(src));
  if (!out || isParent || isOwnLan || !podKinds.includes(out.info?.kind ?? '')) return undefined;
  // A veth is taken for a pod's only if the route leads to a single address.
  if (out.info?.kind === 'veth' && match.dst !== hostPrefix(dst)) return undefined;
  return `the node leads ${dst} to ${out.name}, ${past}`;
}

/** A reply that passes a node by, though only the node could translate it back; undefined if it may come to the node. */
export function replyBypass({ rtnetlink }: Place, { src, dst }: Packet, { index }: Link): string | undefined {
  if (src === undefined) return undefined;
  const lans = rtnetlink.execute(address.list({ index, family: familyOf(src) }));
  const isInLan = lans.some(({ address }) => InterfaceAddress.parse(address!).prefix.contains(Address.parse(src)));
  return isInLan
    ? `nothing translates its source ${src}, so the reply of ${dst} comes by the LAN, and past here, where alone it could be translated back`
    : undefined;
}

function matchOf({ rtnetlink }: Place, dst: string): Route | undefined {
  return rtnetlink.settle([route.get({ dst, fibMatch: true })])[0].value;
}

/** @throws Stop if the node sends a reply to the pod by another link than the pair */
export function requirePair(places: Places, dst: string, out: Link): void {
  const { pod, node } = places;
  const own = pod.rtnetlink.execute(link.get({ name: podEnd }));
  const host = own && places.peerOf(pod, own);
  if (host?.place !== node || host.link.index === out.index || !isLocal(pod, dst)) return;
  const foreign = customRuleFor(node.rtnetlink, { src: undefined, dst });
  throw new Stop(
    `the way back to ${dst} is by ${out.name}${foreign ? `, by rule ${foreign}` : ''}, and not through the pair, by ${host.link.name}`,
    // No remedy against a rule, as it is not known who made it.
    foreign ? undefined : `ip route replace ${hostPrefix(dst)} dev ${host.link.name} protocol ${protocol}`,
  );
}
