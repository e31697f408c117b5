// The picture of the datapath: a pod on the LAN, and the path to its cluster that veth adds.
import { box, chip, lines, type Point, picture, text, wire } from '../../apps/veth/src/cli/svg.ts';
import { gateways, podEnd } from '../../apps/veth/src/datapath.ts';
import { cluster } from '../lab/networks.ts';

// The hosts and pods of the lab.
const pod = { IPv4: '10.6.0.100', IPv6: 'fd00:10:6::100' };
const node = { IPv4: '10.6.0.10', IPv6: 'fd00:10:6::10' };
const gateway = { IPv4: '10.6.0.1', IPv6: 'fd00:10:6::1' };
const client = { IPv4: '10.6.0.20', IPv6: 'fd00:10:6::20' };
const overlay = { IPv4: '10.244.0.2', IPv6: 'fd00:10:244::2' };
const clusterIP = '10.96.0.10';

/** Destinations that the pod reaches by its two gateways on the pair. */
export const destinations = {
  inet: [node.IPv4, cluster.pods.IPv4, cluster.services.IPv4, '169.254.0.0/16'],
  inet6: [node.IPv6, cluster.pods.IPv6, cluster.services.IPv6],
};

const description = `A pod on a node has two interfaces. Its eth0, a macvlan of the node's eth0, leads to the LAN with its
gateway and a client, past the node. Its ${podEnd}, which veth adds, leads to the host end of the pair on the node, and
from there by the node's routing to the node itself, to pods of the overlay network and to ClusterIPs. The pod's routes
through the pair go via ${gateways.inet} and ${gateways.inet6}.`;

// Centres of the interfaces.
const nic: Point = [128, 278];
const near: Point = [372, 278];
const far: Point = [372, 372];
const uplink: Point = [128, 476];
const bridge: Point = [826, 372];
const overlayNic: Point = [826, 170];
/** Vertical position of the LAN. */
const lan = 528;

/** The picture, as SVG. */
export function datapath(): string {
  const ground = [
    box([16, 16], [944, uplink[1]], 'outer'),
    text([36, 46], 'node', 'title'),
    text([82, 46], both(node), 'code muted'),
  ];
  return picture(648, 'The datapath of veth', description, [...ground, ...ways(), ...places(), ...interfaces()]);
}

function ways(): string[] {
  return [
    wire('plain', [146, uplink[1]], [146, 452], [612, 452], [612, 428]),
    wire('lan', nic, [nic[0], lan]),
    wire('lan', [36, lan], [924, lan]),
    wire('lan', [470, lan], [470, 560]),
    wire('lan', [752, lan], [752, 560]),
    wire('cluster', near, far, [480, far[1]]),
    wire('cluster', [756, bridge[1]], bridge, overlayNic),
  ];
}

function places(): string[] {
  return [
    box([36, 66], [524, near[1]]),
    text([56, 94], 'pod', 'title'),
    text([92, 94], both(pod), 'code muted'),
    text([56, 126], 'to its LAN, as before', 'small lan'),
    lines([56, 148], ['default', `via ${gateway.IPv4}`, `via ${gateway.IPv6}`], 'code muted'),
    text([244, 126], 'to its cluster, added by veth', 'small cluster'),
    lines([244, 148], destinations.inet, 'code muted'),
    text([390, 148], `via ${gateways.inet}`, 'code muted'),
    lines([244, 219], destinations.inet6, 'code muted'),
    text([390, 219], `via ${gateways.inet6}`, 'code muted'),
    lines([146, 320], ['macvlan bypasses the node:', 'pod and node cannot talk here'], 'small muted'),
    lines(
      [206, 408],
      [`${gateways.inet} and ${gateways.inet6} are this end,`, 'whatever addresses the node has'],
      'small muted',
    ),

    box([468, 308], [764, 428]),
    text([488, 334], 'routing on the node', 'title'),
    lines([488, 358], [node.IPv4, overlay.IPv4, clusterIP], 'code muted'),
    lines([584, 358], ['the node itself', 'dev cni0', `ClusterIP → ${overlay.IPv4}`], 'code muted'),
    text([488, 412], pod.IPv4, 'code cluster'),
    text([584, 412], 'dev veth…', 'code cluster'),

    box([700, 66], [924, overlayNic[1]]),
    text([720, 94], 'overlay pod', 'title'),
    lines([720, 118], Object.values(overlay), 'code muted'),

    text([148, lan - 12], 'LAN', 'title'),
    text([184, lan - 12], '10.6.0.0/16 · fd00:10:6::/64', 'code muted'),
    box([356, 560], [584, 630]),
    text([376, 588], 'gateway', 'title'),
    text([376, 612], both(gateway), 'code muted'),
    box([638, 560], [866, 630]),
    text([658, 588], 'client', 'title'),
    text([658, 612], both(client), 'code muted'),
  ];
}

function interfaces(): string[] {
  return [
    chip(nic, 'eth0', 'lan'),
    chip(near, podEnd, 'cluster'),
    chip(far, 'veth…', 'cluster'),
    chip(uplink, 'eth0', 'plain'),
    chip(bridge, 'cni0', 'plain'),
    chip(overlayNic, 'eth0', 'plain'),
  ];
}

function both({ IPv4, IPv6 }: { IPv4: string; IPv6: string }): string {
  return `${IPv4} · ${IPv6}`;
}
