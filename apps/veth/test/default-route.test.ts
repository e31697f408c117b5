// A running pod's default route is never lost nor replaced, not for a moment: the kernel tells of every change of its routes
// while later NICs come and go.
import type { RuntimeConf } from '@spider/cni-skel/testing';
import { NetNs } from '@spider/netns';
import { mainTable } from '@spider/rtnetlink';
import { monitor } from '@spider/rtnetlink/monitor';
import { expect, test } from 'vitest';
import { createNamespace, ip, type Namespace } from '../../../tools/lab/namespace.ts';
import { underlay, veth } from '../../../tools/lab/networks.ts';
import { runtime } from '../../../tools/lab/pod.ts';
import { createWideLab } from '../../../tools/lab/wide.ts';
import { call, variables } from './call.ts';

const lab = await createWideLab('default-');
const chain = runtime(lab.node);

/** The network of a LAN of the lab's. In each the gateways end in 1. */
function network(segment: keyof typeof lab.segments, keys: object = {}) {
  const { lan, master } = lab.segments[segment];
  return underlay(lab.node, lan.ranges, [{ ...veth, ...keys }], { name: segment, master });
}

let count = 0;
/** A pod whose eth0 is in the first LAN. */
async function newPod(): Promise<{ pod: Namespace; nic: (ifName: string) => RuntimeConf }> {
  const pod = createNamespace(`default-pod${count++}`);
  const nic = (ifName: string) => ({ containerID: pod.name, netns: pod.path, ifName });
  await chain.add(network('lan'), nic('eth0'));
  return { pod, nic };
}

/** The gateways of the default routes that main has, at each moment while `work` is at work. */
async function follow(pod: Namespace, work: () => Promise<unknown>): Promise<string[][]> {
  using namespace = NetNs.open(pod.path);
  await using events = monitor({ kinds: ['route'], namespaces: [namespace], initial: true });
  // Made behind the work, so that nothing of it is still to be told.
  const last = '192.0.2.0/24';
  const gateways = new Set<string>();
  const moments: string[][] = [];
  let working: Promise<unknown> | undefined;
  for await (const event of events) {
    if (event.type === 'overrun') throw new Error('changes were lost');
    if (event.type === 'synced') working = work().finally(() => ip(pod, [`route add unreachable ${last}`]));
    else {
      const { dst, table, nexthops, gateway } = event.object;
      if (dst === last) break;
      if (table !== mainTable || !dst?.endsWith('/0')) continue;
      for (const path of nexthops ?? [{ gateway }])
        gateways[event.type === 'new' ? 'add' : 'delete'](path.gateway ?? 'none');
    }
    if (working) moments.push([...gateways].sort());
  }
  await working;
  return moments;
}

const multipath = (prefix: string) =>
  `route replace default nexthop via ${prefix}1 dev eth0 weight 2 nexthop via ${prefix}20 dev eth0`;

test.each([
  ['one gateway', [], ['10.6.0.1', 'fd00:10:6::1']],
  [
    'two gateways',
    [multipath('10.6.0.'), multipath('fd00:10:6::')],
    ['10.6.0.1', '10.6.0.20', 'fd00:10:6::1', 'fd00:10:6::20'],
  ],
])('a pod keeps its default routes by %s at every moment while two NICs come and go', async (_, commands, first) => {
  const { pod, nic } = await newPod();
  ip(pod, commands);
  const moments = await follow(pod, async () => {
    await chain.add(network('net1'), nic('net1'));
    await chain.add(network('net2'), nic('net2'));
    await chain.del(network('net2'), nic('net2'));
    await chain.del(network('net1'), nic('net1'));
  });
  for (const moment of moments) expect(moment).toEqual(expect.arrayContaining(first));
  // What the monitor saw beside them is macvlan's: veth takes them away.
  expect(moments.flat()).toEqual(expect.arrayContaining(['10.7.0.1', 'fd00:10:7::1', '10.8.0.1', 'fd00:10:8::1']));
  expect(moments.at(-1)).toEqual(first);
});

test('veth takes the default routes of a later NIC away, and brings none', async () => {
  const { pod, nic } = await newPod();
  const list = network('net1');
  const prevResult = await chain.add({ ...list, plugins: [list.plugins[0]!] }, nic('net1'));
  const moments = await follow(pod, async () => {
    const environment = variables('ADD', pod.name, pod.path, 'net1');
    expect(call(lab.node, environment, { ...list, ...list.plugins[1], prevResult })).toMatchObject({ status: 0 });
  });
  expect(moments).toEqual([
    ['10.6.0.1', '10.7.0.1', 'fd00:10:6::1', 'fd00:10:7::1'],
    ['10.6.0.1', 'fd00:10:6::1', 'fd00:10:7::1'],
    ['10.6.0.1', 'fd00:10:6::1'],
  ]);
});

test('where default_route names a later NIC, there is a default route at every moment', async () => {
  const { pod, nic } = await newPod();
  const moments = await follow(pod, () => chain.add(network('net1', { default_route: 'net1' }), nic('net1')));
  for (const moment of moments) {
    expect(moment.some(gateway => gateway.startsWith('10.'))).toBe(true);
    expect(moment.some(gateway => gateway.startsWith('fd00:'))).toBe(true);
  }
  expect(moments.at(-1)).toEqual(['10.7.0.1', 'fd00:10:7::1']);
});

test('where default_route comes to name a later NIC that is there already, ADD again leaves no moment without one', async () => {
  const { pod, nic } = await newPod();
  const list = network('net1', { default_route: 'net1' });
  const prevResult = await chain.add(network('net1'), nic('net1'));
  const moments = await follow(pod, async () => {
    const environment = variables('ADD', pod.name, pod.path, 'net1');
    expect(call(lab.node, environment, { ...list, ...list.plugins[1], prevResult })).toMatchObject({ status: 0 });
  });
  for (const moment of moments) {
    expect(moment.some(gateway => gateway.startsWith('10.'))).toBe(true);
    expect(moment.some(gateway => gateway.startsWith('fd00:'))).toBe(true);
  }
  expect(moments.at(-1)).toEqual(['10.7.0.1', 'fd00:10:7::1']);
});

test('where default_route names the third NIC, the second gives up its own too, though it left that in main', async () => {
  const { pod, nic } = await newPod();
  await chain.add(network('net1', { move_routes: 2 }), nic('net1'));
  const moments = await follow(pod, () => chain.add(network('net2', { default_route: 'net2' }), nic('net2')));
  for (const moment of moments) {
    expect(moment.some(gateway => gateway.startsWith('10.'))).toBe(true);
    expect(moment.some(gateway => gateway.startsWith('fd00:'))).toBe(true);
  }
  expect(moments.at(-1)).toEqual(['10.8.0.1', 'fd00:10:8::1']);
});
