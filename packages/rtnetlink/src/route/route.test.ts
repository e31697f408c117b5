import { describe, expect, test } from 'vitest';
import { ip, kernel, veth } from '../../test/kernel.ts';
import { memoryOf } from '../codec/memory.ts';
import { address, addressFlags, metricLocks, type RouteInput, route, rule } from '../index.ts';
import { routeMessage } from './route.ts';

const [oif] = veth('route0', 'route1');
const [oif2] = veth('route2', 'route3');
kernel.batch([
  address.add({ index: oif, address: '192.0.2.1/24' }),
  address.add({ index: oif2, address: '198.51.100.1/24' }),
  address.add({ index: oif, address: '2001:db8::1/64', flags: addressFlags.nodad }),
]);

/** Adds a route, reads it back with this package and with ip(8), and deletes it. */
function added(input: RouteInput & { dst: string }) {
  const { dst, table = 254 } = input;
  kernel.execute(route.add(input));
  const found = kernel.execute(route.list({ table })).find(candidate => candidate.dst === dst);
  const family = dst.includes(':') ? '-6' : '-4';
  const shown = dst.endsWith('/0') ? 'default' : dst;
  const type = input.type === undefined ? [] : ['type', String(input.type)];
  const seen = ip(family, 'route', 'show', shown, 'table', String(table), ...type)[0];
  kernel.execute(route.delete({ dst, table, tos: input.tos }));
  expect(kernel.execute(route.list({ table })).map(candidate => candidate.dst)).not.toContain(dst);
  return { found, seen };
}

test.each([
  [
    { dst: '10.1.0.0/16', oif },
    { dst: '10.1.0.0/16', dev: 'route0', scope: 'link', protocol: 'static' },
  ],
  [
    { dst: '10.1.0.1/32', oif, gateway: '192.0.2.2' },
    { dst: '10.1.0.1', gateway: '192.0.2.2', dev: 'route0' },
  ],
  [
    { dst: '0.0.0.0/0', gateway: '192.0.2.2' },
    { dst: 'default', gateway: '192.0.2.2' },
  ],
  [
    { dst: '::/0', gateway: '2001:db8::2' },
    { dst: 'default', gateway: '2001:db8::2' },
  ],
  [
    { dst: '10.2.0.0/16', oif, prefsrc: '192.0.2.1', priority: 77 },
    { prefsrc: '192.0.2.1', metric: 77 },
  ],
  [
    { dst: '2001:db8:1::/48', oif, priority: 77, pref: 'high' },
    { dst: '2001:db8:1::/48', metric: 77, pref: 'high' },
  ],
  [
    { dst: '10.3.0.0/16', oif, gateway: '169.254.1.1', onlink: true },
    { gateway: '169.254.1.1', flags: ['onlink'] },
  ],
  [{ dst: '10.4.0.0/16', oif, table: 1234 }, { dev: 'route0' }],
  [{ dst: '10.5.0.0/16', oif, protocol: 97 }, { protocol: '97' }],
  [{ dst: '10.6.0.0/16', type: 'blackhole' }, { type: 'blackhole' }],
  [{ dst: '2001:db8:2::/48', type: 'unreachable' }, { type: 'unreachable' }],
  [{ dst: '10.7.0.0/16', oif, tos: 0x10 }, { tos: '0x10' }],
  [{ dst: '10.8.0.0/16', oif, via: 'fe80::1' }, { via: { family: 'inet6', host: 'fe80::1' } }],
] as [RouteInput & { dst: string }, object][])('the route %j is read as it was added', (input, theirs) => {
  const { found, seen } = added(input);
  expect(found).toMatchObject(input);
  expect(seen).toMatchObject(theirs);
});

describe('what is put around packets', () => {
  test.each([
    [
      { dst: '10.9.1.0/24', encap: { type: 'ip', id: 5n, dst: '192.0.2.3', src: '192.0.2.1', ttl: 9, tos: 16 } },
      { encap: 'ip', id: 5, dst: '192.0.2.3', src: '192.0.2.1', ttl: 9, tos: 16 },
    ],
    [
      { dst: '2001:db8:9::/48', encap: { type: 'ip6', id: 6n, dst: '2001:db8::3', hoplimit: 9, trafficClass: 8 } },
      { encap: 'ip6', id: 6, hoplimit: 9, tc: 8 },
    ],
    [
      {
        dst: '2001:db8:10::/48',
        encap: { type: 'seg6', route: { mode: 'encap', segments: ['2001:db8::5', '2001:db8::6'] } },
      },
      { encap: 'seg6', mode: 'encap', segs: ['2001:db8::5', '2001:db8::6'] },
    ],
    [
      { dst: '2001:db8:11::/48', encap: { type: 'seg6', route: { mode: 'inline', segments: ['2001:db8::5'] } } },
      { encap: 'seg6', mode: 'inline', segs: ['2001:db8::5', '::'] },
    ],
    [
      { dst: '2001:db8:12::/48', encap: { type: 'seg6local', action: 'End.X', nh6: '2001:db8::5' } },
      { encap: 'seg6local', action: 'End.X', nh6: '2001:db8::5' },
    ],
  ] as const)('%o is read as it was added', (input, theirs) => {
    const { found, seen } = added({ oif, ...input });
    expect(found).toMatchObject(input);
    const { dst: _dst, ...printed } = theirs as Record<string, unknown>;
    expect(seen).toMatchObject(printed);
  });

  test('may differ for each of several nexthops', () => {
    const nexthops = [
      { gateway: '192.0.2.2', oif, encap: { type: 'ip', id: 7n, dst: '192.0.2.3' } },
      { gateway: '198.51.100.2', oif: oif2 },
    ] as const;
    const { found } = added({ dst: '10.9.2.0/24', nexthops });
    expect(found!.nexthops).toMatchObject(nexthops);
    expect(found!.nexthops![1]).not.toHaveProperty('encap');
  });

  test('may be labels of MPLS, and is refused in words by a kernel that has none', () => {
    const input = { dst: '10.9.3.0/24', oif, encap: { type: 'mpls', labels: [100, 200] } } as const;
    const [{ error }] = kernel.settle([route.add(input)]);
    const refusal = { code: 'EOPNOTSUPP', kernelMessage: expect.stringContaining('not supported') };
    if (error) return expect(error).toMatchObject(refusal);
    const { found, seen } = added({ ...input, dst: '10.9.5.0/24' });
    expect(found).toMatchObject({ encap: input.encap });
    // ip(8) prints two properties of this name: that of the route, then the labels.
    expect(seen).toMatchObject({ encap: 'mpls', dst: '100/200' });
    kernel.execute(route.delete(input));
  });

  test.each([
    [{ type: 'mpls', labels: [1048576] }, 'encap.labels: 1048576 is not a label'],
    [{ type: 'ip', dst: '192.0.2' }, 'encap.dst: not an IP address'],
    [{ type: 'vxlan', data: new Uint8Array(0) }, 'encap.type: "vxlan" is not one of mpls, ip,'],
    [{ type: 'seg6', route: { mode: 'encap', segments: ['192.0.2.1'] } }, 'encap.route: segments: not an IPv6 address'],
  ])('%o is refused by name', (encap, reason) =>
    expect(() => kernel.execute(route.add({ dst: '10.9.4.0/24', oif, encap: encap as never }))).toThrow(reason),
  );

  test('is refused by its place among several nexthops', () =>
    expect(() => kernel.execute(route.add({ dst: '10.9.4.0/24', nexthops: [{ oif }, { gateway: '1.2' }] }))).toThrow(
      'nexthops.1.gateway: not an IP address',
    ));
});

test('a look-up minds protocol and ports', () => {
  kernel.batch([
    route.add({ dst: '10.33.0.0/16', gateway: '192.0.2.2', table: 433 }),
    rule.add({ family: 'inet', priority: 11, ipProto: 6, dport: [80, 90], table: 433 }),
  ]);
  const query = { dst: '10.33.0.1', ipProto: 6, sport: 1000 };
  expect(kernel.execute(route.get({ ...query, dport: 85 }))).toMatchObject({ table: 433 });
  expect(kernel.execute(route.get({ ...query, dport: 95 }))).toBeUndefined();
  kernel.execute(rule.delete({ family: 'inet', priority: 11 }));
});

test('a route expires', () => {
  const { expires } = added({ dst: '2001:db8:3::/48', oif, expires: 1000 }).found!;
  expect(expires).toBeGreaterThan(900);
  expect(expires).toBeLessThanOrEqual(1000);
  // struct rtmsg; RTA_CACHEINFO, whose third number has ticks, a hundred per second.
  const message = (ticks: number) =>
    memoryOf(new Uint8Array(Uint32Array.of(10, 0, 0, 0x000c_0010, 0, 0, ticks).buffer));
  expect(routeMessage.read(message(101), 0, 28).expires).toBe(2);
  expect(routeMessage.read(message(0), 0, 28).expires).toBeUndefined();
});

test('metrics are read as they were set', () => {
  const metrics = {
    lock: metricLocks.mtu,
    mtu: 1400,
    window: 1000,
    rtt: 800,
    rttvar: 80,
    ssthresh: 20,
    cwnd: 30,
    advmss: 1300,
    reordering: 5,
    hoplimit: 9,
    initcwnd: 10,
    features: 1,
    rtoMin: 200,
    initrwnd: 11,
    quickack: 1,
    congestionControl: 'cubic',
    fastopenNoCookie: 1,
  };
  const { found, seen } = added({ dst: '10.10.0.0/16', oif, metrics });
  expect(found!.metrics).toEqual(metrics);
  expect(seen!['metrics']).toMatchObject([
    { mtu: 1400, advmss: 1300, hoplimit: 9, initcwnd: 10, fastopen_no_cookie: 1 },
  ]);
});

test('locks have the bits of ip(8)', () => {
  const metrics =
    'mtu lock 1400 window lock 9 rtt lock 100ms rttvar lock 20ms ssthresh lock 5 cwnd lock 7 advmss lock 1200 reordering lock 4 hoplimit lock 22 initcwnd lock 9 rto_min 200ms congctl lock reno';
  ip('route', 'add', '10.13.0.0/16', 'via', '192.0.2.2', ...metrics.split(' '));
  const [found] = kernel.execute(route.list({ dst: '10.13.0.0/16' }));
  const all = Object.values(metricLocks).reduce((sum, bit) => sum | bit);
  expect(found?.metrics).toMatchObject({ lock: all, mtu: 1400, rtt: 800, rttvar: 80 });
});

describe('several nexthops', () => {
  test('are read as they were added', () => {
    const nexthops = [
      { gateway: '192.0.2.2', oif, hops: 1 },
      { gateway: '198.51.100.2', oif: oif2, hops: 0 },
    ];
    const { found, seen } = added({ dst: '10.11.0.0/16', nexthops });
    expect(found!.nexthops).toMatchObject(nexthops);
    expect(seen!['nexthops']).toMatchObject([
      { gateway: '192.0.2.2', dev: 'route0', weight: 2 },
      { gateway: '198.51.100.2', dev: 'route2', weight: 1 },
    ]);
  });

  test('may lead through the other family', () => {
    const nexthops = [
      { via: 'fe80::1', oif },
      { gateway: '198.51.100.2', oif: oif2 },
    ];
    const { found } = added({ dst: '10.12.0.0/16', nexthops });
    expect(found!.nexthops).toMatchObject(nexthops);
  });
});

test('a second route to a destination is added beside the first, replaces it, or is refused', () => {
  const dst = '10.20.0.0/16';
  const here = () =>
    kernel
      .execute(route.list({ family: 'inet', table: 254 }))
      .filter(found => found.dst === dst)
      .map(found => [found.oif, found.gateway]);
  kernel.execute(route.add({ dst, oif }));
  expect(() => kernel.execute(route.add({ dst, oif: oif2 }))).toThrow('EEXIST');
  kernel.execute(route.append({ dst, oif: oif2 }));
  expect(here()).toEqual([
    [oif, undefined],
    [oif2, undefined],
  ]);
  kernel.execute(route.replace({ dst, oif, gateway: '192.0.2.9' }));
  expect(here()).toContainEqual([oif, '192.0.2.9']);
  kernel.execute(route.set({ dst, oif, gateway: '192.0.2.10' }));
  expect(here()).toContainEqual([oif, '192.0.2.10']);
  expect(() => kernel.execute(route.set({ dst: '10.21.0.0/16', oif }))).toThrow('ENOENT');
});

describe('a look-up', () => {
  test('tells where packets would go', () => {
    kernel.execute(route.replace({ dst: '10.30.0.0/16', gateway: '192.0.2.2' }));
    expect(kernel.execute(route.get({ dst: '10.30.0.1' }))).toMatchObject({
      dst: '10.30.0.1/32',
      oif,
      gateway: '192.0.2.2',
      prefsrc: '192.0.2.1',
    });
  });

  test('tells the route that matches, where that is asked for', () =>
    expect(kernel.execute(route.get({ dst: '10.30.0.1', fibMatch: true }))).toMatchObject({
      dst: '10.30.0.0/16',
      oif,
    }));

  test.each([
    ['10.32.0.0/16', '192.0.2.2'],
    ['2001:db8:32::/48', '2001:db8::2'],
  ])('tells the table that the route %s is in', (dst, gateway) => {
    const [family, host] = dst.includes(':')
      ? (['inet6', '2001:db8:32::1'] as const)
      : (['inet', '10.32.0.1'] as const);
    kernel.batch([route.add({ dst, gateway, table: 432 }), rule.add({ family, priority: 10, table: 432 })]);
    expect(kernel.execute(route.get({ dst: host }))).toMatchObject({ gateway, table: 432 });
    expect(kernel.execute(route.get({ dst: host, fibMatch: true }))).toMatchObject({ dst, gateway, table: 432 });
    kernel.execute(rule.delete({ family, priority: 10 }));
  });

  test.each(['203.0.113.1', '2001:db8:ffff::1'])('of %s, where no route leads, is undefined', dst =>
    expect(kernel.execute(route.get({ dst }))).toBeUndefined(),
  );

  test('of a destination that a route forbids says how', () => {
    kernel.execute(route.replace({ dst: '10.31.0.0/16', type: 'prohibit' }));
    expect(() => kernel.execute(route.get({ dst: '10.31.0.1' }))).toThrow('EACCES');
  });
});

describe('the kernel lists', () => {
  test('by table', () => {
    kernel.execute(route.replace({ dst: '10.40.0.0/16', oif, table: 4000 }));
    expect(kernel.execute(route.list({ table: 4000 }))).toMatchObject([{ dst: '10.40.0.0/16', table: 4000 }]);
  });

  test('nothing of a table that does not exist, where all families are asked', () =>
    expect(kernel.execute(route.list({ table: 4001 }))).toEqual([]));

  test('by interface', () => {
    const found = kernel.execute(route.list({ oif: oif2 }));
    expect(found.length).toBeGreaterThan(1);
    expect(found.every(({ oif }) => oif === oif2)).toBe(true);
  });

  test('by protocol and type', () => {
    kernel.execute(route.replace({ dst: '10.41.0.0/16', oif, protocol: 98 }));
    expect(kernel.execute(route.list({ protocol: 98 })).map(({ dst }) => dst)).toEqual(['10.41.0.0/16']);
    const local = kernel.execute(route.list({ type: 'local' })).map(({ dst }) => dst);
    expect(local).toContain('192.0.2.1/32');
    expect(local).not.toContain('10.41.0.0/16');
  });
});

test.each(['-4', '-6'])('all routes are listed as ip(8) %s lists them', option => {
  const family = option === '-4' ? 'inet' : 'inet6';
  const zero = option === '-4' ? '0.0.0.0/0' : '::/0';
  const bits = option === '-4' ? 32 : 128;
  const theirs = ip(option, 'route', 'show', 'table', 'all').map(seen => {
    const dst = seen['dst'] === 'default' ? zero : String(seen['dst']);
    return `${dst.includes('/') ? dst : `${dst}/${bits}`} ${seen['gateway'] ?? ''}`;
  });
  const ours = kernel.execute(route.list({ family })).map(({ dst, gateway }) => `${dst} ${gateway ?? ''}`);
  expect(ours.toSorted()).toEqual(theirs.toSorted());
  expect(ours.length).toBeGreaterThan(3);
});

test('a route is added again as it was read', () => {
  kernel.batch([
    route.replace({ dst: '10.50.0.0/16', oif, gateway: '169.254.1.1', onlink: true, metrics: { mtu: 1400 } }),
    route.replace({ dst: '2001:db8:50::/48', oif, priority: 5, prefsrc: '2001:db8::1', expires: 1000 }),
    route.replace({ dst: '10.51.0.0/16', nexthops: [{ oif, gateway: '192.0.2.2' }, { oif: oif2 }] }),
  ]);
  const ours = () => kernel.execute(route.list({ table: 254 })).filter(({ dst }) => /^10\.5[01]|:50:/.test(dst!));
  const before = ours();
  expect(before).toHaveLength(3);
  kernel.batch(before.map(({ dst, priority }) => route.delete({ dst, priority })));
  expect(ours()).toEqual([]);
  kernel.batch(before.map(found => route.add(found)));
  expect(ours()).toEqual(before);
});

test('prepend puts a route before those with the same key, append behind them', () => {
  const dst = '10.77.0.0/16';
  const via = (gateway: string) => ({ dst, gateway, oif });
  kernel.execute(route.add(via('192.0.2.2')));
  kernel.execute(route.append(via('192.0.2.3')));
  kernel.execute(route.prepend(via('192.0.2.4')));
  const gateways = ip('route', 'show', dst).map(({ gateway }) => gateway);
  expect(gateways).toEqual(['192.0.2.4', '192.0.2.2', '192.0.2.3']);
  for (const gateway of gateways) kernel.execute(route.delete(via(String(gateway))));
});
