// The pair that an earlier ADD made.
import type { NetNs } from '@spider/netns';
import type { Address } from '@spider/rtnetlink';
import type { Pair } from '../facts.ts';
import { attachmentNames, isOfContainer, namesOf } from '../names.ts';
import { readSysctl } from '../sysctl.ts';
import type { SeenLink } from './seen.ts';

/** True for the host end of the container's own pair. */
export function isPairOf(link: SeenLink, containerID: string): boolean {
  const names = attachmentNames(link);
  return names.length > 0 ? names.some(name => isOfContainer(name, containerID)) : isUnfinished(link, containerID);
}

/** True for the host end of any pair of ours: a NIC that was plugged in later may have come under another container ID. */
export function isPair(link: SeenLink, containerID: string): boolean {
  return attachmentNames(link).length > 0 || isUnfinished(link, containerID);
}

/** Made by an ADD that was killed before it named the attachment; its hardware address is one nobody else derives. */
function isUnfinished({ info, address }: SeenLink, containerID: string): boolean {
  return info?.kind === 'veth' && address === namesOf(containerID).hostAddress;
}

export function pairOf(podLink: SeenLink, podAddresses: readonly Address[], hostLink: SeenLink, node: NetNs): Pair {
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
    linkLocal: podAddresses.some(({ family, scope }) => family === 'inet6' && scope === 'link'),
    forwards: isForwarding(node, hostLink.name!),
  };
}

/** False where the node forwards, but nothing that comes in by this link. Of IPv6 one switch decides about all links. */
function isForwarding(node: NetNs, dev: string): boolean {
  const isOff = (name: string) => readSysctl(node, `net/ipv4/conf/${name}/forwarding`) === '0';
  return !isOff(dev) || isOff('all');
}
