// What goes wrong with sbr of Debian's containernetworking-plugins, in the situations that its users report, and what
// route-table does there. The numbers are those of issues of containernetworking/plugins, unless another is named.
import { spawnSync } from 'node:child_process';
import { invoke } from '@spider/cni-skel/testing';
import { describe, expect, test } from 'vitest';
import { ip, show } from '../../../tools/lab/namespace.ts';
import { routeTable } from '../src/plugin.ts';
import { createPod, type Pod, routesIn, rulesOf, type Situation, state, tableOf, usual } from './pod.ts';

type Command = 'ADD' | 'CHECK' | 'DEL';

/** Calls sbr; true where it succeeds. */
function sbr(command: Command, { path, prevResult }: Pod): boolean {
  const cniVersion = '1.0.0';
  const input = JSON.stringify({ cniVersion, name: 'n', type: 'sbr', prevResult: { cniVersion, ...prevResult } });
  const env = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: 'c',
    CNI_NETNS: path,
    CNI_IFNAME: 'net1',
    CNI_PATH: '/usr/lib/cni',
  };
  const { status, error } = spawnSync('/usr/lib/cni/sbr', { input, env });
  if (error) throw error;
  return status === 0;
}

async function ours(command: Command, { path: netns, prevResult }: Pod): Promise<boolean> {
  return (await invoke(routeTable, command, { netns, ifName: 'net1', prevResult })).exitCode === 0;
}

/** What a packet takes from an address of net1. */
function way(pod: Pod, from: string, to: string): string | undefined {
  const [{ dev, gateway } = {}] = show<{ dev?: string; gateway?: string }>(pod, 'route', 'get', to, 'from', from);
  return [dev, gateway].filter(Boolean).join(' ');
}

interface Trouble extends Situation {
  readonly what: string;
  /** What it is about. */
  readonly look: (pod: Pod) => unknown;
  readonly wanted: unknown;
  readonly withSbr: unknown;
}

const troubles: Trouble[] = [
  {
    what: 'the gateway is that of a route, and eth0 has a default route already (#893, #1213, multus-cni #498)',
    commands: usual.commands,
    ips: [{ address: '10.2.0.2/24' }, { address: 'fd02::2/64' }],
    routes: [
      { dst: '0.0.0.0/0', gw: '10.2.0.1' },
      { dst: '::/0', gw: 'fd02::1' },
    ],
    look: pod => [way(pod, '10.2.0.2', '203.0.113.1'), way(pod, 'fd02::2', '2001:db8::1')],
    wanted: ['net1 10.2.0.1', 'net1 fd02::1'],
    withSbr: ['eth0 10.1.0.1', 'eth0 fd01::1'],
  },
  {
    what: 'eth0 has a route to the same place',
    commands: [...usual.commands, 'route add 10.20.0.0/16 via 10.1.0.9 dev eth0'],
    ips: usual.ips,
    routes: [{ dst: '10.20.0.0/16', gw: '10.2.0.9' }],
    look: pod => way(pod, '10.2.0.2', '10.20.0.1'),
    wanted: 'net1 10.2.0.9',
    withSbr: 'net1 10.2.0.1',
  },
  {
    what: 'a gateway lies outside the prefix of a /32',
    commands: [
      'address add 10.2.0.2/32 dev net1',
      'route add 10.2.0.1 dev net1',
      'route add 10.20.0.0/16 via 10.2.0.1 dev net1',
      'route add 10.30.0.0/16 via 169.254.1.1 dev net1 onlink',
    ],
    ips: [{ address: '10.2.0.2/32' }],
    look: pod => [way(pod, '10.2.0.2', '10.20.0.1'), way(pod, '10.2.0.2', '10.30.0.1')],
    wanted: ['net1 10.2.0.1', 'net1 169.254.1.1'],
    withSbr: ['eth0 10.1.0.1', 'eth0 10.1.0.1'],
  },
  {
    what: 'an IPv6 gateway is a link-local address (openshift/containernetworking-plugins #222)',
    commands: ['address add fd02::2/64 dev net1', 'route add fd20::/16 via fe80::1 dev net1'],
    ips: [{ address: 'fd02::2/64' }],
    look: pod => way(pod, 'fd02::2', 'fd20::1'),
    wanted: 'net1 fe80::1',
    withSbr: 'eth0 fd01::1',
  },
  {
    what: 'the NIC has the only default routes of the pod',
    commands: [
      'route delete default via 10.1.0.1',
      'route delete default via fd01::1',
      ...usual.commands,
      'route add default via 10.2.0.1',
      'route add default via fd02::1',
    ],
    ips: usual.ips,
    look: pod => routesIn(pod, 'main').filter(route => route.startsWith('default')).length,
    wanted: 2,
    withSbr: 0,
  },
  {
    what: 'something has no source address yet (pull request #1217)',
    ...usual,
    look: pod => [way(pod, '0.0.0.0', '10.2.0.9'), way(pod, '::', 'fd02::9')],
    wanted: ['net1', 'net1'],
    withSbr: ['eth0 10.1.0.1', 'eth0 fd01::1'],
  },
  {
    what: 'a neighbour is reached by its link-local address',
    ...usual,
    look: pod => routesIn(pod, 'main').filter(route => route.startsWith('fe80::/64')).length,
    wanted: 2,
    withSbr: 1,
  },
  {
    what: 'a default route is shared with eth0',
    commands: [...usual.commands, 'route append default via fd02::1 dev net1'],
    ips: usual.ips,
    look: pod => routesIn(pod, 'main').filter(route => route.startsWith('nexthop')).length,
    wanted: 0,
    withSbr: 2,
  },
];

describe.each(troubles)('where $what', ({ look, wanted, withSbr, ...situation }) => {
  test('all is well with route-table', async () => {
    using pod = createPod(situation);
    expect(await ours('ADD', pod)).toBe(true);
    expect(look(pod)).toEqual(wanted);
    expect(await ours('CHECK', pod)).toBe(true);
  });

  test('it is not with sbr', () => {
    using pod = createPod(situation);
    expect(sbr('ADD', pod)).toBe(true);
    expect(look(pod)).toEqual(withSbr);
  });
});

test('each of several addresses takes its own gateway, as with sbr', async () => {
  const situation = {
    commands: ['address add 10.2.0.2/24 dev net1', 'address add 10.3.0.2/24 dev net1'],
    ips: [
      { address: '10.2.0.2/24', gateway: '10.2.0.1' },
      { address: '10.3.0.2/24', gateway: '10.3.0.1' },
    ],
  };
  const ways = (pod: Pod) => ['10.2.0.2', '10.3.0.2'].map(from => way(pod, from, '203.0.113.1'));
  using pod = createPod(situation);
  expect(await ours('ADD', pod)).toBe(true);
  expect(ways(pod)).toEqual(['net1 10.2.0.1', 'net1 10.3.0.1']);
  expect(await ours('CHECK', pod)).toBe(true);
  using other = createPod(situation);
  expect(sbr('ADD', other)).toBe(true);
  expect(ways(other)).toEqual(ways(pod));
});

test('an address /32 whose gateway has no route is served, where sbr fails and leaves a rule behind', async () => {
  const situation = {
    commands: ['address add 10.2.0.2/32 dev net1'],
    ips: [{ address: '10.2.0.2/32', gateway: '10.2.0.1' }],
  };
  using pod = createPod(situation);
  expect(await ours('ADD', pod)).toBe(true);
  expect(way(pod, '10.2.0.2', '203.0.113.1')).toBe('net1 10.2.0.1');
  using other = createPod(situation);
  expect(sbr('ADD', other)).toBe(false);
  expect(rulesOf(other)).toEqual(['32765:	from 10.2.0.2 lookup 100']);
});

test('ADD can be repeated, where sbr fails and leaves one more rule behind', async () => {
  using pod = createPod();
  expect([await ours('ADD', pod), await ours('ADD', pod)]).toEqual([true, true]);
  expect(rulesOf(pod)).toHaveLength(2);
  using other = createPod();
  expect([sbr('ADD', other), sbr('ADD', other)]).toEqual([true, false]);
  expect(rulesOf(other)).toHaveLength(3);
});

test('CHECK sees that a rule is gone, where sbr sees nothing', async () => {
  using pod = createPod();
  expect(await ours('ADD', pod)).toBe(true);
  ip(pod, ['rule delete from 10.2.0.2']);
  expect(await ours('CHECK', pod)).toBe(false);
  using other = createPod();
  expect(sbr('ADD', other)).toBe(true);
  ip(other, ['rule delete from 10.2.0.2']);
  expect(sbr('CHECK', other)).toBe(true);
});

test('DEL restores all by a configuration that was broken since ADD', async () => {
  using pod = createPod();
  const before = state(pod);
  expect(await ours('ADD', pod)).toBe(true);
  const { path: netns, prevResult } = pod;
  const conf = { table: 'main', rules: 7 };
  expect(await invoke(routeTable, 'DEL', { netns, ifName: 'net1', prevResult, conf })).toMatchObject({ exitCode: 0 });
  expect(state(pod)).toEqual(before);
});

test('DEL restores all, where sbr leaves its tables', async () => {
  using pod = createPod();
  const before = state(pod);
  expect(await ours('ADD', pod)).toBe(true);
  expect(await ours('DEL', pod)).toBe(true);
  expect(state(pod)).toEqual(before);
  using other = createPod();
  expect(sbr('ADD', other)).toBe(true);
  const table = tableOf(other, '10.2.0.2');
  expect(sbr('DEL', other)).toBe(true);
  expect(routesIn(other, table)).not.toEqual([]);
});
