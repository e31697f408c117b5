// Recognises the pair that an earlier ADD made.
import type { NetNs } from '@spider/netns';
import type { Address } from '@spider/rtnetlink';
import type { Pair } from '../facts.ts';
import { attachmentNames, isOfContainer, namesOf } from '../names.ts';
import { readSysctl } from '../sysctl.ts';
import type { ObservedLink } from './fields.ts';

/** True for the host end of the container's own pair. */
export function isPairOf(link: ObservedLink, containerID: string): boolean {
  const names = attachmentNames(link);
  return names.length > 0 ? names.some(name => isOfContainer(name, containerID)) : isUnfinished(link, containerID);
}

/** True for the host end of any of our pairs: a NIC that was plugged in later may have another container ID. */
export function isPair(link: ObservedLink, containerID: string): boolean {
  return attachmentNames(link).length > 0 || isUnfinished(link, containerID);
}

/** True for the pair of an ADD that was killed before it named the attachment. Nobody else derives its hardware address. */
function isUnfinished({ info, address }: ObservedLink, containerID: string): boolean {
  return info?.kind === 'veth' && address === namesOf(containerID).hostAddress;
}

export function pairOf(podLink: ObservedLink, podAddresses: readonly Address[], hostLink: ObservedLink): Pair {
  return {
    podIndex: podLink.index,
    podAddress: podLink.address!,
    podMtu: podLink.mtu!,
    podMaster: podLink.master,
    hostIndex: hostLink.index,
    hostName: hostLink.name!,
    hostAddress: hostLink.address!,
    hostUp: hostLink.up,
    hostMaster: hostLink.master,
    alias: hostLink.alias,
    mtu: hostLink.mtu!,
    linkLocal: podAddresses.find(({ family, scope }) => family === 'inet6' && scope === 'link')?.address,
  };
}

/**
 * False if IPv4 forwarding is off for this link, but not for the whole node. For IPv6 only the node's switch counts.
 * `default` is the state of a new link.
 */
export function isForwarding(node: NetNs, dev: string): boolean {
  const isOff = (name: string) => readSysctl(node, `net/ipv4/conf/${name}/forwarding`) === '0';
  return !isOff(dev) || isOff('all');
}
