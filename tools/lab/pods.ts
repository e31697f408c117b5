// The pods that the lab can have, by the names that `npm run lab` accepts. A lab has one of them.
import type { Lab } from './lab.ts';
import { addLan, addressesIn, lanOf, plug } from './lan.ts';
import { overlay, underlay, veth } from './networks.ts';
import { createPod, type Pod } from './pod.ts';

/** From the simplest to the most complex. */
export const pods = {
  one: onLan,
  several: onTwoLans,
  overlay: onOverlayAndLan,
} satisfies Record<string, (lab: Lab) => Promise<Pod>>;

export type PodKind = keyof typeof pods;

/** One NIC, on the LAN. */
function onLan({ node, lan }: Lab): Promise<Pod> {
  return createPod(node, 'pod', { eth0: underlay(node, lan.ranges, [veth]) });
}

/** A second NIC on a second LAN, to which the node is connected by its eth1. */
function onTwoLans({ gateway, node, lan }: Lab): Promise<Pod> {
  const second = lanOf('lan2', 7);
  addLan(gateway, second);
  plug(node, 'eth1', gateway, second, addressesIn(second, 10));
  return createPod(node, 'pod', {
    eth0: underlay(node, lan.ranges, [veth]),
    net1: underlay(node, second.ranges, [veth], { name: 'storage', master: 'eth1' }),
  });
}

/** The first NIC on the overlay, as the cluster's network plugin creates it; the second NIC on the LAN. */
function onOverlayAndLan({ node, lan }: Lab): Promise<Pod> {
  return createPod(node, 'pod', {
    eth0: overlay(node, { IPv4: '10.244.0.0/24', IPv6: 'fd00:10:244::/64' }),
    net1: underlay(node, lan.ranges, [veth]),
  });
}
