// The pictures of pods with a second NIC: the routes in each table, and where each interface leads.
import { box, chip, lines, type Point, picture, type Side, text, wire } from '../../apps/veth/src/cli/svg.ts';
import { gateways, podEnd } from '../../apps/veth/src/datapath.ts';
import { cluster } from '../lab/networks.ts';
import type { PodKind } from '../lab/pods.ts';

/** Routes of a table with the same gateway. */
interface Way {
  readonly to: readonly string[];
  readonly via: string;
  /** The interface that the routes use. */
  readonly side: Side;
}

interface Table {
  readonly name: string;
  /** Selector of the rule that leads to this table. */
  readonly from: string;
  readonly ways: readonly Way[];
}

interface Nic {
  readonly name: string;
  /** What it is connected to: the LAN by an uplink of the node, or a bridge of the node. */
  readonly into:
    | { readonly uplink: string; readonly lan: string; readonly gateway: string }
    | { readonly bridge: string };
}

interface Scene {
  readonly title: string;
  readonly description: string;
  readonly node: string;
  readonly addresses: string;
  readonly nics: readonly [Nic, Nic];
  readonly tables: readonly [Table, Table];
  readonly notes: readonly string[];
}

const viaPair = (...nodes: readonly string[]): Way => ({
  to: [...nodes, cluster.pods.IPv4, cluster.services.IPv4],
  via: gateways.inet,
  side: 'cluster',
});
const onLan = (gateway: string): Way => ({ to: ['default'], via: gateway, side: 'lan' });

/** By the name of the lab's pod. */
export const scenes = {
  several: {
    title: 'A pod with two NICs',
    description: `A pod has the interfaces eth0, net1 and ${podEnd}. eth0 leads past the node to the first LAN, net1 to the second.
Packets from net1's address are routed by the table 8604, all others by main. The routes to the cluster in both tables lead
through ${podEnd} to the node's routing.`,
    node: '10.6.0.10 · 10.7.0.10',
    addresses: '10.6.0.100 · 10.7.0.100',
    nics: [
      { name: 'eth0', into: { uplink: 'eth0', lan: '10.6.0.0/16', gateway: '10.6.0.1' } },
      { name: 'net1', into: { uplink: 'eth1', lan: '10.7.0.0/16', gateway: '10.7.0.1' } },
    ],
    tables: [
      { name: 'main', from: 'all others', ways: [onLan('10.6.0.1'), viaPair('10.6.0.10', '10.7.0.10')] },
      { name: '8604', from: '10.7.0.100', ways: [onLan('10.7.0.1'), viaPair('10.6.0.10', '10.7.0.10')] },
    ],
    notes: [
      'Each NIC uses its own gateway.',
      'Both share one pair: the source address',
      'tells to which of them a packet belongs.',
    ],
  },
  overlay: {
    title: 'A pod with its first NIC on the overlay',
    description: `A pod has the interfaces net1, eth0 and ${podEnd}. eth0, of the overlay network, leads to a bridge on the node and has
the default route. net1 leads past the node to the LAN. Packets from net1's address are routed by the table 8603: to the
LAN by net1, to the cluster through ${podEnd}.`,
    node: '10.6.0.10',
    addresses: '10.244.0.3 · 10.6.0.100',
    nics: [
      { name: 'net1', into: { uplink: 'eth0', lan: '10.6.0.0/16', gateway: '10.6.0.1' } },
      { name: 'eth0', into: { bridge: 'cni0' } },
    ],
    tables: [
      {
        name: 'main',
        from: 'all others',
        ways: [{ to: ['default'], via: '10.244.0.1', side: 'plain' }],
      },
      { name: '8603', from: '10.6.0.100', ways: [onLan('10.6.0.1'), viaPair('10.6.0.10')] },
    ],
    notes: [
      'The pod’s own traffic leaves by eth0, as',
      'the overlay intends. Packets from net1’s',
      'address use a table of their own.',
    ],
  },
} as const satisfies Partial<Record<PodKind, Scene>>;

// Centres of the interfaces; those of the pod are in a row.
const podBottom = 276;
const nodeBottom = 484;
const nicsAt = [128, 360] as const;
const near: Point = [590, podBottom];
const far: Point = [590, 356];
const bridge: Point = [590, 420];
const routing = { left: 672, top: 320, bottom: 446 };
const lan = 540;

/** The picture, as SVG. */
export function secondNic({ title, description, node, addresses, nics, tables, notes }: Scene): string {
  return picture(648, title, description, [
    box([16, 16], [944, nodeBottom], 'outer'),
    text([36, 46], 'node', 'title'),
    text([82, 46], node, 'code muted'),
    wire('cluster', near, far, [routing.left + 10, far[1]]),
    ...nics.map((nic, i) => nicWires(nic, nicsAt[i]!)),
    box([36, 66], [684, podBottom]),
    text([56, 94], 'pod', 'title'),
    text([92, 94], addresses, 'code muted'),
    ...tables.map((table, i) => tableText(table, [56 + i * 316, 124])),
    box([routing.left, routing.top], [924, routing.bottom]),
    text([routing.left + 20, routing.top + 28], 'routing on the node', 'title'),
    lines(
      [routing.left + 20, routing.top + 52],
      ['the node itself', 'pods of the overlay', 'ClusterIPs'],
      'small muted',
    ),
    ...nics.map((nic, i) => nicPlaces(nic, nicsAt[i]!)),
    chip(near, podEnd, 'cluster'),
    chip(far, 'veth…', 'cluster'),
    lines([660, lan + 6], notes, 'small muted'),
  ]);
}

function nicWires({ into }: Nic, x: number): string {
  if ('bridge' in into) return wire('plain', [x, podBottom], [x, bridge[1]], [routing.left, bridge[1]]);
  return [
    // The node's own path to the LAN.
    wire('plain', [x + 18, nodeBottom], [x + 18, 464], [800, 464], [800, routing.bottom]),
    wire('lan', [x, podBottom], [x, lan]),
    wire('lan', [x - 92, lan], [x + 122, lan]),
    wire('lan', [x + 62, lan], [x + 62, 566]),
  ].join('\n');
}

function nicPlaces({ name, into }: Nic, x: number): string {
  if ('bridge' in into) return [chip([x, podBottom], name, 'plain'), chip(bridge, into.bridge, 'plain')].join('\n');
  const { uplink, lan: subnet, gateway } = into;
  return [
    chip([x, podBottom], name, 'lan'),
    chip([x, nodeBottom], uplink, 'plain'),
    text([x + 16, lan - 14], 'LAN', 'title'),
    text([x + 54, lan - 14], subnet, 'code muted'),
    box([x + 2, 566], [x + 122, 632]),
    text([x + 20, 593], 'gateway', 'title'),
    text([x + 20, 615], gateway, 'code muted'),
  ].join('\n');
}

function tableText({ name, from, ways }: Table, [x, y]: Point): string {
  const rows = ways.flatMap(({ to, via, side }) => to.map(destination => ({ destination, via, side })));
  return [
    text([x, y], `table ${name}`, 'title'),
    text([x + 96, y], `from ${from}`, 'small muted'),
    ...rows.flatMap(({ destination, via, side }, i) => [
      text([x, y + 26 + i * 19], destination, `code ${side}`),
      text([x + 124, y + 26 + i * 19], `via ${via}`, `code ${side}`),
    ]),
  ].join('\n');
}
