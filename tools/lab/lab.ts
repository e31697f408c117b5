// The lab: a LAN with its gateway and a client, and on it the node of a cluster with an overlay network and a service.
//
//     client      gateway
//   ────┴────┬───────┴────────┬────── LAN
//            │ eth0           ┊ macvlan, made with createPod(lab.node, 'pod', { eth0: underlay(…) })
//          node              pod
//            │ cni0
//         overlay  ◄── ClusterIP
import type { PerFamily } from './family.ts';
import { createGateway, createHost, forward, type Host, type Lan } from './lan.ts';
import { overlay as overlayNetwork } from './networks.ts';
import { createPod, type Pod } from './pod.ts';
import { createService } from './service.ts';

export interface Lab {
  readonly lan: Lan;
  readonly gateway: Host;
  readonly client: Host;
  readonly node: Host;
  /** A pod of the overlay network. */
  readonly overlay: Pod;
  /** The addresses of the service that the node translates to the overlay pod. */
  readonly clusterIP: PerFamily<string>;
}

const lan: Lan = {
  name: 'lan',
  ranges: {
    IPv4: { subnet: '10.6.0.0/16', gateway: '10.6.0.1', rangeStart: '10.6.0.100', rangeEnd: '10.6.0.199' },
    IPv6: {
      subnet: 'fd00:10:6::/64',
      gateway: 'fd00:10:6::1',
      rangeStart: 'fd00:10:6::100',
      rangeEnd: 'fd00:10:6::1ff',
    },
  },
};

/** Builds the lab; `prefix` comes before the names of its namespaces, so that a sandbox has room for several. */
export async function createLab(prefix = ''): Promise<Lab> {
  const gateway = createGateway(`${prefix}gateway`, [lan]);
  const client = createHost(`${prefix}client`, gateway, lan, { IPv4: '10.6.0.20', IPv6: 'fd00:10:6::20' });
  const node = createHost(`${prefix}node`, gateway, lan, { IPv4: '10.6.0.10', IPv6: 'fd00:10:6::10' });
  forward(node);
  const network = overlayNetwork(node, { IPv4: '10.244.0.0/24', IPv6: 'fd00:10:244::/64' });
  const overlay = await createPod(node, `${prefix}overlay`, { eth0: network });
  const clusterIP = { IPv4: '10.96.0.10', IPv6: 'fd00:10:96::10' };
  createService(node, clusterIP, overlay.addresses);
  return { lan, gateway, client, node, overlay, clusterIP };
}
