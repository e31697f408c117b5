// A later NIC's routes as they were in main and as they are in its own table: the kernel has many attributes, and none may be
// lost on the way.
import { describe, expect, test } from 'vitest';
import { ip, run, show } from '../../../tools/lab/namespace.ts';
import { createStand, type Stand, succeeded } from './stand.ts';

let count = 0;

/** A pod with a NIC that is primary, and a later one that is not yet attached. */
function standWith(commands: readonly string[]): Stand {
  const stand = createStand(`rehomed${count++}`, pod => ({
    node: ['eth0', 'net1'].flatMap((nic, i) => [
      `link add lan${i} up type veth peer name ${nic} netns ${pod}`,
      `address add 10.${6 + i}.0.10/16 dev lan${i}`,
    ]),
    pod: [
      ...['eth0', 'net1'].flatMap((nic, i) => [
        `link set ${nic} up`,
        `address add 10.${6 + i}.0.100/16 dev ${nic}`,
        `address add fd00:10:${6 + i}::100/64 dev ${nic}`,
      ]),
      'address add 10.7.0.101/16 dev net1',
      'address add fd00:10:7::101/64 dev net1',
      'route add default via 10.6.0.1',
      'route add ::/0 via fd00:10:6::1',
    ],
  }));
  expect(stand.call('ADD')).toMatchObject(succeeded);
  ip(stand.pod, commands);
  return stand;
}

/** The routes to the test's destinations, in the words of ip(8), but for what tells whose they are. */
function routesIn({ pod }: Stand, table: string): string[] {
  const lines = ['-4', '-6'].flatMap(family =>
    run(['ip', '-netns', pod.name, '-details', family, 'route', 'show', 'table', table]).split(/\n(?!\t)/),
  );
  return lines
    .filter(line => /\b(198\.51\.100\.0|2001:db8::)\//.test(line))
    .map(line =>
      line
        .replace(/ proto \w+| expires \w+| error \d+/g, '')
        .replace(/\s+/g, ' ')
        .trim(),
    );
}

function ownTable({ pod }: Stand): string {
  const [{ ifindex }] = show<{ ifindex: number }>(pod, 'link', 'show', 'net1') as [{ ifindex: number }];
  return String(8600 + ifindex);
}

function attach(stand: Stand): void {
  expect(stand.call('ADD', {}, 'net1')).toMatchObject(succeeded);
  expect(stand.call('CHECK', {}, 'net1')).toMatchObject(succeeded);
}

const v4 = 'route add 198.51.100.0/24';
const v6 = 'route add 2001:db8::/32';

describe('a later NIC’s routes are in its table as they were in main', () => {
  test.each([
    ...[
      'metric 77',
      'mtu 1280 advmss 1200',
      'mtu lock 1280',
      'initcwnd 20 initrwnd 30',
      'window 65535 cwnd lock 9',
      'rtt 100ms rttvar 50ms ssthresh 8',
      'rto_min 50ms',
      'hoplimit 9 reordering 5',
      'quickack 1 fastopen_no_cookie 1',
      'features ecn',
      'congctl cubic',
      'congctl lock reno',
    ].flatMap(words => [`${v4} via 10.7.0.1 dev net1 ${words}`, `${v6} via fd00:10:7::1 dev net1 ${words}`]),
    `${v4} via 10.7.0.1 dev net1 src 10.7.0.101`,
    `${v4} via 192.0.2.1 dev net1 onlink`,
    `${v4} via 10.7.0.1 dev net1 realm 5/7`,
    `${v4} via 10.7.0.1 dev net1 scope site`,
    `${v4} via 10.7.0.1 dev net1 tos 0x10`,
    `${v4} via inet6 fd00:10:7::9 dev net1`,
    `${v4} encap ip id 5 dst 10.7.0.9 ttl 9 via 10.7.0.1 dev net1`,
    `${v4} nexthop via 10.7.0.1 dev net1 weight 3 nexthop via 10.7.0.2 dev net1 weight 256`,
    `${v4} nexthop via 192.0.2.1 dev net1 onlink realm 4 nexthop via inet6 fd00:10:7::1 dev net1`,
    `${v6} via fd00:10:7::1 dev net1 src fd00:10:7::101`,
    `${v6} via 2001:db9::1 dev net1 onlink`,
    `${v6} via fd00:10:7::1 dev net1 pref high`,
    `${v6} via fd00:10:7::1 dev net1 pref low`,
    `${v6} encap seg6 mode encap segs fd00::1,fd00::2 dev net1`,
    `${v6} encap seg6local action End.X nh6 fd00:10:7::9 dev net1`,
    `${v6} nexthop via fd00:10:7::1 dev net1 weight 7 nexthop via fd00:10:7::2 dev net1 weight 9`,
    'nexthop add id 7 via 10.7.0.1 dev net1; route add 198.51.100.0/24 nhid 7',
    'nexthop add id 7 via fd00:10:7::1 dev net1; route add 198.51.100.0/24 nhid 7',
    'nexthop add id 7 via fd00:10:7::1 dev net1; route add 2001:db8::/32 nhid 7',
    'nexthop add id 7 via 10.7.0.1 dev net1; nexthop add id 8 via 10.7.0.2 dev net1; nexthop add id 9 group 7,3/8; route add 198.51.100.0/24 nhid 9',
    `${v4} via 10.7.0.1 dev net1; route append 198.51.100.0/24 via 10.7.0.2 dev net1`,
    `${v4} via 10.7.0.1 dev net1 metric 5; ${v4} via 10.7.0.2 dev net1 tos 0x10; ${v4} via 10.7.0.3 dev net1`,
  ])('%s', commands => {
    using stand = standWith(commands.split('; '));
    const before = routesIn(stand, 'main');
    expect(before).not.toEqual([]);
    attach(stand);
    expect(routesIn(stand, ownTable(stand))).toEqual(before);
    expect(routesIn(stand, 'main')).toEqual([]);
    attach(stand);
    expect(routesIn(stand, ownTable(stand))).toEqual(before);
    expect(stand.call('DEL', {}, 'net1')).toMatchObject(succeeded);
    expect(routesIn(stand, ownTable(stand))).toEqual([]);
  });

  test('and run out when they would have', () => {
    using stand = standWith([`${v6} via fd00:10:7::1 dev net1 expires 500`]);
    attach(stand);
    const [found] = show<{ expires: number }>(
      stand.pod,
      '-6',
      'route',
      'show',
      '2001:db8::/32',
      'table',
      ownTable(stand),
    );
    expect(found!.expires).toBeGreaterThan(0);
    expect(found!.expires).toBeLessThanOrEqual(500);
  });
});

describe('of a route that NICs share the later one takes its own path, as it is, and the first keeps its own', () => {
  test.each([
    [
      'nexthop via 192.0.2.1 dev net1 onlink realm 4 nexthop via 10.6.0.1 dev eth0',
      'via 192.0.2.1 dev net1 scope global onlink realm 4',
      'via 10.6.0.1 dev eth0 scope global',
    ],
    [
      'nexthop via inet6 fd00:10:7::1 dev net1 nexthop via 10.6.0.1 dev eth0',
      'via inet6 fd00:10:7::1 dev net1 scope global',
      'via 10.6.0.1 dev eth0 scope global',
    ],
    [
      'nexthop encap ip id 5 dst 10.7.0.9 via 10.7.0.3 dev net1 nexthop via 10.6.0.1 dev eth0',
      'encap ip id 5 src 0.0.0.0 dst 10.7.0.9 ttl 0 tos 0 via 10.7.0.3 dev net1 scope global',
      'via 10.6.0.1 dev eth0 scope global',
    ],
    ['nhid 9', 'via 10.7.0.1 dev net1 scope global', 'via 10.6.0.2 dev eth0 scope global'],
  ])('IPv4: %s', (paths, moved, left) => {
    using stand = standWith([
      'nexthop add id 7 via 10.7.0.1 dev net1',
      'nexthop add id 8 via 10.6.0.2 dev eth0',
      'nexthop add id 9 group 7/8',
      `${v4} ${paths}`,
    ]);
    attach(stand);
    expect(routesIn(stand, ownTable(stand))).toEqual([`unicast 198.51.100.0/24 ${moved}`]);
    expect(routesIn(stand, 'main')).toEqual([`unicast 198.51.100.0/24 ${left}`]);
  });

  test.each([
    [
      'nexthop via 2001:db9::1 dev net1 onlink nexthop via fd00:10:6::1 dev eth0 weight 5',
      'via 2001:db9::1 dev net1 scope global metric 1024 onlink pref medium',
      'via fd00:10:6::1 dev eth0 scope global metric 1024 pref medium',
    ],
    [
      'nhid 9',
      'via fd00:10:7::1 dev net1 scope global metric 1024 pref medium',
      'via fd00:10:6::2 dev eth0 scope global metric 1024 pref medium',
    ],
  ])('IPv6: %s', (paths, moved, left) => {
    using stand = standWith([
      'nexthop add id 7 via fd00:10:7::1 dev net1',
      'nexthop add id 8 via fd00:10:6::2 dev eth0',
      'nexthop add id 9 group 7/8',
      `${v6} ${paths}`,
    ]);
    attach(stand);
    expect(routesIn(stand, ownTable(stand))).toEqual([`unicast 2001:db8::/32 ${moved}`]);
    expect(routesIn(stand, 'main')).toEqual([`unicast 2001:db8::/32 ${left}`]);
  });
});

test('a path of IPv6 leaves main whose protocol is another than that of the first, which alone is told', () => {
  using stand = standWith(['route append ::/0 via fd00:10:7::1 dev net1 proto bird']);
  attach(stand);
  const main = run(['ip', '-netns', stand.pod.name, '-6', 'route', 'show', 'default']);
  expect(main).toMatch(/^default via fd00:10:6::1 dev eth0 [^\n]*\n$/);
});

test('of two routes to one destination the first NIC keeps its own, though that is by a nexthop object and comes first', () => {
  using stand = standWith([
    'nexthop add id 8 via fd00:10:6::2 dev eth0',
    'route add 2001:db8::/32 nhid 8',
    'route append 2001:db8::/32 via fd00:10:7::1 dev net1',
  ]);
  attach(stand);
  expect(routesIn(stand, 'main')).toEqual([expect.stringContaining('nhid 8 via fd00:10:6::2 dev eth0')]);
  expect(routesIn(stand, ownTable(stand))).toEqual([expect.stringContaining('via fd00:10:7::1 dev net1')]);
});

test('a route that came back to main is newer than the one that was made of it', () => {
  using stand = standWith([`${v4} via 10.7.0.1 dev net1`]);
  attach(stand);
  ip(stand.pod, [`${v4} via 10.7.0.2 dev net1`]);
  attach(stand);
  expect(routesIn(stand, ownTable(stand))).toEqual(['unicast 198.51.100.0/24 via 10.7.0.2 dev net1 scope global']);
  expect(routesIn(stand, 'main')).toEqual([]);
});

/** NICs have default routes of the same metric in main, each in this order. */
const shared = {
  'that of the later NIC first, as the reference plugins leave it': ['route prepend default via 10.7.0.1 dev net1'],
  'that of the later NIC behind': ['route append default via 10.7.0.1 dev net1'],
  'with a path of each': ['route replace default nexthop via 10.6.0.1 dev eth0 nexthop via 10.7.0.1 dev net1 weight 3'],
  'as paths of IPv6': ['route append ::/0 via fd00:10:7::1 dev net1'],
  'by a nexthop object': ['nexthop add id 7 via 10.7.0.1 dev net1', 'route prepend default nhid 7'],
  'of IPv6 that of the first by a nexthop object': [
    'nexthop add id 8 via fd00:10:6::1 dev eth0',
    'route delete ::/0',
    'route append ::/0 nhid 8',
    'route append ::/0 via fd00:10:7::1 dev net1',
  ],
};

test.each(Object.entries(shared))('an ADD that fails leaves the default routes as they were: %s', (_, commands) => {
  using stand = standWith(commands);
  // A gateway that is on no link of the pod any more: the kernel takes no such route a second time.
  ip(stand.pod, ['route add 192.0.2.1 dev net1', `${v4} via 192.0.2.1 dev net1`, 'route delete 192.0.2.1 dev net1']);
  const show = (family: string) => run(['ip', '-netns', stand.pod.name, family, 'route', 'show', 'default']);
  const before = ['-4', '-6'].map(show);
  const { status, stdout } = stand.call('ADD', {}, 'net1');
  expect(status).toBe(1);
  expect(JSON.parse(stdout).msg).toContain('route 198.51.100.0/24 via 192.0.2.1 dev net1');
  expect(['-4', '-6'].map(show)).toEqual(before);
});
