// Nodes as they are found: with devices, addresses and routes that a plugin did not reckon with.
import { expect, test } from 'vitest';
import { flows } from '../../../tools/lab/flows.ts';
import { createNamespace, inside, ip, run, show, sysctl } from '../../../tools/lab/namespace.ts';
import { probe, serve } from '../../../tools/lab/probe.ts';
import { settle, state } from '../../../tools/lab/state.ts';
import { executable, runIn, variables } from './call.ts';
import { createStand, type Stand, succeeded } from './stand.ts';

interface Shape {
  /** Commands before the LAN's device is made. */
  readonly before?: string[];
  /** And after it. */
  readonly after?: string[];
  readonly ipv6?: boolean;
  /** The pod's. */
  readonly addresses?: readonly string[];
}

const podAddresses = ['10.6.0.100/16', 'fd00:10:6::100/64'];

/** A node with the address 10.6.0.10 in its LAN, and fd00:10:6::10 unless told otherwise; its pod has ….100 of both. */
function standWith({ before = [], after = [], ipv6 = true, addresses = podAddresses }: Shape): Stand {
  return createStand(`found-node${count++}`, pod => ({
    node: [
      ...before,
      `link add lan up type veth peer name eth0 netns ${pod}`,
      'address add 10.6.0.10/16 dev lan',
      ...(ipv6 ? ['address add fd00:10:6::10/64 dev lan'] : []),
      ...after,
    ],
    pod: ['link set eth0 up', ...addresses.map(address => `address add ${address} dev eth0`)],
  }));
}
let count = 0;

/** The addresses that the pod reaches by routes of their own. */
function reached({ pod }: Stand): string[] {
  return ['-4', '-6']
    .flatMap(family => show<{ dst: string }>(pod, family, 'route', 'show', 'dev', 'veth0', 'proto', '86'))
    .map(({ dst }) => dst)
    .filter(dst => !dst.includes('/') || /\/(32|128)$/.test(dst));
}

test.each<[string, Shape]>([
  ['whatever device it got first', { before: ['link add dns up type bridge', 'address add 169.254.20.10/32 dev dns'] }],
  [
    'whatever other route leads to a part of the LAN',
    {
      after: [
        'link add tunnel up type bridge',
        'address add 192.168.77.5/24 dev tunnel',
        'address add fd00:77::5/64 dev tunnel nodad',
        'route add 10.6.0.0/24 dev tunnel',
        'route add fd00:10:6::/80 dev tunnel',
      ],
    },
  ],
])('a node speaks to its pod from an address of their LAN, %s', (_, shape) => {
  using stand = standWith(shape);
  expect(stand.call('ADD')).toMatchObject(succeeded);
  const toward = (dst: string) => show(stand.node, 'route', 'get', dst);
  expect(toward('10.6.0.100')).toMatchObject([{ dev: stand.host, prefsrc: '10.6.0.10' }]);
  expect(toward('fd00:10:6::100')).toMatchObject([{ dev: stand.host, prefsrc: 'fd00:10:6::10' }]);
  expect(stand.call('CHECK')).toMatchObject(succeeded);
});

test('a service that the node runs for itself at a link-local address is reached through the pair, even if it starts later', () => {
  using stand = standWith({});
  expect(stand.call('ADD')).toMatchObject(succeeded);
  const way = show(stand.pod, 'route', 'get', '169.254.20.10');
  expect(way).toMatchObject([{ dev: 'veth0', gateway: '169.254.1.1', prefsrc: '10.6.0.100' }]);
});

test.each([
  ['no route', []],
  ['a blackhole', ['route add blackhole ::/0']],
  ['an unreachable route', ['route add unreachable ::/0']],
  ['a prohibited route', ['route add prohibit ::/0']],
])('a node without IPv6, with %s toward the pod, has pods of both families', (_, after) => {
  using stand = standWith({ ipv6: false, after });
  const keys = { cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'] };
  expect(stand.call('ADD', keys)).toMatchObject(succeeded);
  expect(show(stand.node, 'route', 'get', 'fd00:10:6::100')).toMatchObject([{ dev: stand.host }]);
  expect(stand.call('CHECK', keys)).toMatchObject(succeeded);
});

test('a node listens to no router advertisement from a pod, though the pod has no IPv6', () => {
  using stand = standWith({ ipv6: false, addresses: ['10.6.0.100/16'] });
  const accepts = (name: string) => run(inside(stand.node, ['sysctl', '--values', `net.ipv6.conf.${name}.accept_ra`]));
  expect(accepts('default')).toBe('1\n');
  expect(stand.call('ADD')).toMatchObject(succeeded);
  expect(accepts(stand.host)).toBe('0\n');
  sysctl(stand.node, { [`net.ipv6.conf.${stand.host}.accept_ra`]: 1 });
  expect(stand.call('CHECK').stdout).toContain(`sysctl net/ipv6/conf/${stand.host}/accept_ra = 0 on the node: is 1`);
});

test('a node whose kernel is without IPv6 has pods of IPv4', () => {
  using stand = standWith({ ipv6: false, addresses: ['10.6.0.100/16'] });
  const missing = 'mount -t tmpfs tmpfs /proc/sys/net/ipv6 && exec "$@"';
  const command = ['unshare', '--mount', 'sh', '-ec', missing, 'sh', executable];
  const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', sandbox: stand.pod.path }] };
  const input = JSON.stringify({ cniVersion: '1.0.0', name: 'underlay', type: 'veth', prevResult });
  for (const verb of ['ADD', 'CHECK', 'DEL'])
    expect(runIn(stand.node, command, { env: variables(verb, 'without', stand.pod.path), input })).toMatchObject(
      succeeded,
    );
});

test('on a node that forwards nothing for new links the pod reaches the cluster, and CHECK says when it no longer does', async () => {
  const cluster = createNamespace(`found-cluster${count}`);
  using stand = standWith({
    after: [
      `link add overlay up type veth peer name eth0 netns ${cluster.name}`,
      'address add 10.244.0.1/16 dev overlay',
      'address add fd00:10:244::1/56 dev overlay nodad',
    ],
  });
  ip(cluster, [
    'link set eth0 up',
    'address add 10.244.0.5/16 dev eth0',
    'address add fd00:10:244::5/56 dev eth0 nodad',
    'route add default via 10.244.0.1',
    'route add default via fd00:10:244::1',
  ]);
  sysctl(stand.node, { 'net.ipv4.conf.all.forwarding': 1, 'net.ipv6.conf.all.forwarding': 1 });
  sysctl(stand.node, { 'net.ipv4.conf.default.forwarding': 0, 'net.ipv6.conf.default.forwarding': 0 });
  const keys = { cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'] };
  expect(stand.call('ADD', keys)).toMatchObject(succeeded);
  using _servers = await serve([cluster]);
  const pod = { ...stand.pod, addresses: { IPv4: '10.6.0.100', IPv6: 'fd00:10:6::100' } };
  const to = { ...cluster, addresses: { IPv4: '10.244.0.5', IPv6: 'fd00:10:244::5' } };
  const ways = Object.values(flows(pod, to));
  const failures = async () => [...(await probe(ways)).values()].map(failure => failure !== undefined);
  expect(await failures()).toEqual([false, false]);
  expect(stand.call('CHECK', keys)).toMatchObject(succeeded);
  sysctl(stand.node, { [`net.ipv4.conf.${stand.host}.forwarding`]: 0 });
  expect(await failures()).toEqual([true, false]);
  expect(JSON.parse(stand.call('CHECK', keys).stdout).msg).toBe(
    `sysctl net/ipv4/conf/${stand.host}/forwarding = 1 on the node: is 0`,
  );
  expect(stand.call('ADD', keys)).toMatchObject(succeeded);
  expect(stand.call('CHECK', keys)).toMatchObject(succeeded);
  expect(await failures()).toEqual([false, false]);
});

test('the names of the node’s devices do not matter', () => {
  const devices = ['cloudbr0', 'hello', 'my-cni0', 'vethernet', 'dockyard', 'cali-uplink'];
  const addresses = devices.map((_, i) => `192.0.2.${i + 1}`);
  const after = devices.flatMap((name, i) => [
    `link add ${name} up type bridge`,
    `address add ${addresses[i]}/32 dev ${name}`,
  ]);
  using stand = standWith({ after });
  expect(stand.call('ADD')).toMatchObject(succeeded);
  expect(reached(stand)).toEqual(expect.arrayContaining(addresses));
});

test('addresses of the node that will not stay are left out: privacy addresses and deprecated ones', () => {
  using stand = standWith({});
  sysctl(stand.node, { 'net.ipv6.conf.lan.use_tempaddr': 2 });
  ip(stand.node, [
    'address add 10.6.0.11/16 dev lan preferred_lft 0',
    'address add fd00:10:6::11/64 dev lan preferred_lft 0',
    'address add fd00:10:9::1/64 dev lan mngtmpaddr valid_lft 9000 preferred_lft 9000',
  ]);
  settle(stand.node);
  const temporary = show<{ addr_info: { local?: string; temporary?: boolean }[] }>(stand.node, 'address', 'show', 'lan')
    .flatMap(({ addr_info }) => addr_info)
    .filter(address => address.temporary);
  expect(temporary).toHaveLength(1);
  expect(stand.call('ADD')).toMatchObject(succeeded);
  expect(reached(stand).sort()).toEqual(['10.6.0.10', 'fd00:10:6::10', 'fd00:10:9::1']);
});

test('addresses that the node may not use are left out: one that another has, and one that is still being checked', () => {
  using stand = standWith({
    after: [
      'link add one up type veth peer name other',
      'link set other up',
      'address add fd00:10:9::2/128 dev other nodad',
    ],
  });
  sysctl(stand.node, {
    'net.ipv6.conf.all.accept_dad': 1,
    'net.ipv6.conf.one.accept_dad': 1,
    'net.ipv6.conf.one.dad_transmits': 1,
    'net.ipv6.conf.lan.accept_dad': 1,
    'net.ipv6.conf.lan.dad_transmits': 1000,
  });
  const flagged = (flag: string) =>
    show<{ addr_info?: { local?: string }[] }>(stand.node, 'address', 'show', flag).flatMap(({ addr_info = [] }) =>
      addr_info.flatMap(({ local }) => local ?? []),
    );
  ip(stand.node, ['address add fd00:10:9::2/64 dev one', 'address add fd00:10:6::11/64 dev lan']);
  while (!flagged('dadfailed').includes('fd00:10:9::2'));
  ip(stand.node, ['address delete fd00:10:9::2/128 dev other']);
  expect(flagged('tentative')).toContain('fd00:10:6::11');
  expect(stand.call('ADD')).toMatchObject(succeeded);
  expect(reached(stand).sort()).toEqual(['10.6.0.10', 'fd00:10:6::10']);
});

test('the gateway of another pod, which ptp gives to every pod’s link, is no address of the node', () => {
  const after = [1, 2].flatMap(i => [
    `link add ptp${i} up type veth peer name other${i}`,
    `address add 10.244.2.1/32 dev ptp${i}`,
  ]);
  using stand = standWith({ after });
  expect(stand.call('ADD')).toMatchObject(succeeded);
  expect(reached(stand).sort()).toEqual(['10.6.0.10', 'fd00:10:6::10']);
});

test('the node gets no rule, and of settings only those of the pair', () => {
  using stand = standWith({});
  const others = () => {
    const { rules, sysctls } = state(stand.node);
    return { rules, sysctls: sysctls.filter(line => !line.includes(`.${stand.host}.`)) };
  };
  const before = others();
  expect(stand.call('ADD', { rp_filter: { value: 2 } })).toMatchObject(succeeded);
  expect(others()).toEqual(before);
});

test('the pod has one neighbour of each family on its pair, however many addresses the node has', () => {
  const addresses = Array.from({ length: 20 }, (_, i) => `address add 192.0.2.${i + 1}/32 dev many`);
  using stand = standWith({ after: ['link add many up type bridge', ...addresses] });
  expect(stand.call('ADD')).toMatchObject(succeeded);
  expect(reached(stand).length).toBe(22);
  const neighbours = show<{ dst: string }>(stand.pod, 'neighbour', 'show', 'dev', 'veth0', 'nud', 'permanent');
  expect(neighbours.map(({ dst }) => dst).sort()).toEqual(['169.254.1.1', 'fe80::1']);
});

test('when the node’s address changes CHECK says so, and ADD again lets the pod reach the new one', () => {
  using stand = standWith({});
  expect(stand.call('ADD')).toMatchObject(succeeded);
  ip(stand.node, ['address delete 10.6.0.10/16 dev lan', 'address add 10.6.0.12/16 dev lan']);
  expect(stand.call('CHECK').stdout).toMatch(/route 10\.6\.0\.12\/32 .* in the pod: missing/);
  expect(stand.call('ADD')).toMatchObject(succeeded);
  expect(show(stand.pod, 'route', 'get', '10.6.0.12')).toMatchObject([{ dev: 'veth0' }]);
  expect(show(stand.node, 'route', 'get', '10.6.0.100')).toMatchObject([{ dev: stand.host, prefsrc: '10.6.0.12' }]);
  expect(stand.call('CHECK')).toMatchObject(succeeded);
});

test('what ADD asks the kernel for does not grow with the node’s pods, routes and neighbours', () => {
  using stand = standWith({});
  const messages = () => {
    const { status, trace } = stand.trace('ADD');
    expect(status).toBe(0);
    return trace.length;
  };
  expect(messages()).toBeGreaterThan(20);
  const alone = messages();
  const many = Array.from({ length: 100 }, (_, i) => i);
  ip(
    stand.node,
    many.flatMap(i => [
      `link add other${i} up type veth peer name peer${i}`,
      `route add 198.51.100.${i}/32 dev other${i}`,
      `neighbour add 198.51.100.${i} dev other${i} lladdr 02:00:00:00:00:01`,
    ]),
  );
  // Not to the message: link-local addresses come when the kernel gets round to them.
  expect(messages()).toBeLessThan(alone + many.length / 4);
});
