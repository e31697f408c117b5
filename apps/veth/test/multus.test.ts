// Multus can give a pod another default route (`default-route` of a network in the pod's annotation). It deletes that of the
// overlay's NIC before it attaches the network, and adds the new one after ADD. With our key `default_route` instead, the
// overlay's NIC keeps all its connections.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PerFamily } from '../../../tools/lab/family.ts';
import { createNamespace, ip, type Namespace, show } from '../../../tools/lab/namespace.ts';
import { cluster, overlay, underlay, veth } from '../../../tools/lab/networks.ts';
import { introduce } from '../../../tools/lab/node.ts';
import { calico } from '../../../tools/lab/overlays.ts';
import { attach, runtime } from '../../../tools/lab/pod.ts';
import { type Flow, probe, serve, type Verdict } from '../../../tools/lab/probe.ts';
import { createWideLab } from '../../../tools/lab/wide.ts';
import { veth as vethCommand } from './cli/call.ts';
import { type Way, waysOf } from './ways.ts';

const lab = await createWideLab('multus-');
const { node, remote, lan, segments } = lab;
introduce(lab.gateway, node);

const network = (keys: object = {}) => ({
  ...underlay(node, lan.ranges, [{ ...veth, ...keys }], { name: 'lan', master: 'eth0' }),
  cniVersion: '1.0.0',
});
const [macvlan, ...chained] = network().plugins;
const { routes: _, ...ipam } = macvlan!['ipam'] as { routes: unknown };
const networks = {
  'Multus, to a network with a default route': network(),
  'Multus, to a network without one': { ...network(), plugins: [{ ...macvlan!, ipam }, ...chained] },
  default_route: network({ default_route: 'net1' }),
};

/** As flannel's plugin does it: a route to all pods besides the default route. */
const [bridge] = overlay(node, { IPv4: '10.244.0.0/24', IPv6: 'fd00:10:244::/64' }).plugins;
const toPods = { routes: Object.values(cluster.pods).map(dst => ({ dst })) };
const flannel = {
  cniVersion: '1.0.0',
  name: 'overlay',
  plugins: [{ ...bridge!, ipam: { ...(bridge!['ipam'] as object), ...toPods } }],
};

type AddressesOf = (pod: Namespace, count: number) => Promise<PerFamily<string>>;
const byCalico = calico(node);
/** Each attaches eth0, and returns its addresses. */
const overlays: Record<string, AddressesOf> = {
  flannel: async pod => (await attach(node, pod, { eth0: flannel })).addresses,
  Calico: async (pod, count) => {
    const addresses = { IPv4: `10.244.3.${count}`, IPv6: `fd00:10:244:3::${count}` };
    byCalico(pod, 'eth0', addresses);
    return addresses;
  },
};

const anywhere = { '-4': '0.0.0.0/0', '-6': '::/0' };

/** Deletes the default routes through a NIC, as Multus does after the ADD of each network. */
function deleteDefaults(pod: Namespace, dev: string): void {
  for (const [family, dst] of Object.entries(anywhere))
    if (show(pod, family, 'route', 'show', 'default', 'dev', dev).length > 0) ip(pod, [`route del ${dst} dev ${dev}`]);
}

/** Multus after the ADD of the network that it names. */
function replaceDefaults(pod: Namespace): void {
  deleteDefaults(pod, 'net1');
  ip(
    pod,
    Object.values(lab.gateway.addresses).map(gateway => `route add default via ${gateway} dev net1`),
  );
}

/** The rules, and the routes of the overlay's NIC. */
const routing = (pod: Namespace) =>
  ['-4', '-6'].map(family => [show(pod, family, 'rule'), show(pod, family, 'route', 'show', 'dev', 'eth0')]);

/** True for what works. `complete` if the overlay's NIC has all its routes still; else it has none by the gateway. */
function isExpected(kind: string, complete: boolean, { way }: Way): boolean {
  // In its own prefix, it is with its own address that flannel's NIC begins.
  if (kind === 'flannel' && way.startsWith('pod → overlay pod')) return false;
  if (complete || !way.includes('eth0')) return true;
  return kind === 'flannel' && /^(eth0 → overlay pod|(overlay pod|own node) → eth0)/.test(way);
}

const pods = await Promise.all(
  Object.entries(overlays).flatMap(([kind, addressesOf], i) =>
    Object.entries(networks).map(async ([by, network], j) => {
      const byMultus = by.startsWith('Multus');
      const pod = createNamespace(`multus-${i}${j}`);
      const eth0 = await addressesOf(pod, 2 + j);
      if (byMultus) deleteDefaults(pod, 'eth0');
      const before = routing(pod);
      const [net1] = (await attach(node, pod, { net1: network })).nics;
      if (byMultus) replaceDefaults(pod);
      const ends = [
        { ifName: 'net1', addresses: net1!.addresses, segment: segments.lan },
        { ifName: 'eth0', addresses: eth0, segment: undefined },
      ];
      const ways = waysOf(lab, pod, ends).filter(way => isExpected(kind, !byMultus, way));
      return { kind, by, pod, before, net1: net1!, ends, ways };
    }),
  ),
);

const verdicts = new Map<Flow, Verdict>();
let servers: Disposable;
beforeAll(async () => {
  const clients = Object.values(segments).map(({ client }) => client);
  servers = await serve([lab.gateway, ...clients, remote, node, lab.overlay, ...pods.map(({ pod }) => pod)]);
  for (const { ways } of pods)
    for (const [flow, verdict] of await probe(ways.map(({ flow }) => flow))) verdicts.set(flow, verdict);
});
afterAll(() => servers[Symbol.dispose]());

test.each(pods.filter(({ kind, by }) => kind === 'Calico' && by.startsWith('Multus')))(
  'the trace says why the address of $kind’s NIC is silent, after $by',
  ({ pod, ends: [, eth0] }) => {
    const args = ['--netns', pod.path, '--from', eth0!.addresses.IPv4!, lab.overlay.addresses.IPv4!];
    const { stdout, status } = vethCommand(node, ['trace', ...args]);
    expect(status).toBe(1);
    expect(stdout.split('\n').at(-2)).toMatch(
      /^verdict: stops on the node: rp_filter drops .* by cali-\S+, which leads to the same pod /,
    );
    expect(stdout).not.toContain('ip route');
  },
);

describe.each(pods)('a pod of $kind whose default route is changed by $by', ({ pod, before, net1, ways }) => {
  test.each(ways)('$way', ({ flow }) => {
    expect(verdicts.get(flow) ?? 'works').toBe('works');
  });

  test('is as CHECK expects it, and is as before after DEL', async () => {
    await runtime(node).check(net1.network, net1.attachment);
    await runtime(node).del(net1.network, net1.attachment);
    expect(routing(pod)).toEqual(before);
  });
});
