// The lab: a LAN with its gateway and a client, and on it the node of a cluster with an overlay network and a service.
//
//     client      gateway
//   ────┴────┬───────┴────────┬────── LAN
//            │ eth0           ┊ macvlan, made with createPod(lab.node, 'pod', { eth0: underlay(…) })
//          node              pod
//            │ cni0
//         overlay  ◄── ClusterIP
import type { PerFamily } from './family.ts';
import { addressesIn, createGateway, createHost, type Host, type Lan, lanOf } from './lan.ts';
import { createNode, type NodeWithPod } from './node.ts';
import { createClusterIP } from './service.ts';

export interface Lab extends NodeWithPod {
  /** Prefix of the names of its namespaces. */
  readonly prefix: string;
  readonly lan: Lan;
  readonly gateway: Host;
  readonly client: Host;
  /** Addresses of the service, which the node translates to the overlay pod. */
  readonly clusterIP: PerFamily<string>;
}

const lan = lanOf('lan', 6);

/** Creates the lab. `prefix` is prepended to the names of its namespaces, so that a sandbox can contain several labs. */
export async function createLab(prefix = ''): Promise<Lab> {
  const gateway = createGateway(`${prefix}gateway`, [lan]);
  const client = createHost(`${prefix}client`, gateway, lan, addressesIn(lan, 20));
  const { node, overlay } = await createNode(gateway, lan, {
    names: { node: `${prefix}node`, overlay: `${prefix}overlay` },
    addresses: addressesIn(lan, 10),
    pods: { IPv4: '10.244.0.0/20', IPv6: 'fd00:10:244::/60' },
    bridged: { IPv4: '10.244.0.0/24', IPv6: 'fd00:10:244::/64' },
  });
  const clusterIP = { IPv4: '10.96.0.10', IPv6: 'fd00:10:96::10' };
  createClusterIP(node, 'service', clusterIP, overlay.addresses);
  return { prefix, lan, gateway, client, node, overlay, clusterIP };
}
