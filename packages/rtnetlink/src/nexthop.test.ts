import { expect, test } from 'vitest';
import { since } from '../../../tools/test/linux.ts';
import { ip, kernel, veth } from '../test/kernel.ts';
import { address, type NexthopInput, nexthop, nexthopBucket, route } from './index.ts';

const [oif] = veth('hop0', 'hop1');
kernel.batch([
  address.add({ index: oif, address: '192.0.2.1/24' }),
  nexthop.add({ id: 1, gateway: '192.0.2.2', oif }),
  nexthop.add({ id: 2, gateway: '192.0.2.3', oif }),
]);

test.each([
  [
    { gateway: '192.0.2.9', oif },
    { gateway: '192.0.2.9', dev: 'hop0' },
  ],
  [
    { gateway: '2001:db8::2', oif, onlink: true },
    { gateway: '2001:db8::2', dev: 'hop0', flags: ['onlink'] },
  ],
  [{ gateway: '192.0.2.9', oif, protocol: 97 }, { protocol: '97' }],
  [{ oif }, { dev: 'hop0' }],
  [{ family: 'inet6', blackhole: true }, { blackhole: null }],
  [
    { gateway: '192.0.2.9', fdb: true },
    { gateway: '192.0.2.9', fdb: null },
  ],
  [
    { gateway: '192.0.2.9', oif, encap: { type: 'ip', id: 5n, dst: '192.0.2.7' } },
    { encap: 'ip', dst: '192.0.2.7' },
  ],
  [
    {
      group: [
        { id: 1, weight: 3 },
        { id: 2, weight: 1 },
      ],
    },
    { group: [{ id: 1, weight: 3 }, { id: 2 }] },
  ],
  [
    { group: [{ id: 1, weight: 1 }], groupType: 'resilient', resilient: { buckets: 32, idleTimer: 500 } },
    { type: 'resilient', resilient_args: { buckets: 32, idle_timer: 5 } },
  ],
] as [NexthopInput, object][])('the nexthop object %o is read as it was added', (input, theirs) => {
  kernel.execute(nexthop.add({ id: 77, ...input }));
  expect(kernel.execute(nexthop.get({ id: 77 }))).toMatchObject({ id: 77, ...input });
  expect(kernel.execute(nexthop.list())).toContainEqual(expect.objectContaining({ id: 77 }));
  expect(ip('nexthop', 'show', 'id', '77')).toMatchObject([theirs]);
  const found = kernel.execute(nexthop.get({ id: 77 }))!;
  kernel.execute(nexthop.delete(found));
  expect(kernel.execute(nexthop.get({ id: 77 }))).toBeUndefined();
});

test('a weight may be more than a byte holds, unless the kernel is older', () => {
  const [{ error }] = kernel.settle([nexthop.add({ id: 78, group: [{ id: 1, weight: 1000 }, { id: 2 }] })]);
  if (error && !since('6.12'))
    return expect(error).toMatchObject({ kernelMessage: 'Reserved fields in nexthop_grp must be 0' });
  expect(kernel.execute(nexthop.get({ id: 78 }))!.group).toEqual([
    { id: 1, weight: 1000 },
    { id: 2, weight: 1 },
  ]);
  kernel.execute(nexthop.delete({ id: 78 }));
});

test.each([0, 65537, 1.5])('the weight %d is refused by its place', weight =>
  expect(() => kernel.execute(nexthop.add({ id: 78, group: [{ id: 1 }, { id: 2, weight }] }))).toThrow(
    `nexthop.add group.1.weight: ${weight} is not an integer from 1 to 65536`,
  ),
);

test('routes lead through an object, and follow it where it is replaced', () => {
  kernel.batch([
    nexthop.add({ id: 80, gateway: '192.0.2.2', oif }),
    route.add({ dst: '10.80.0.0/16', nexthopId: 80 }),
    nexthop.replace({ id: 80, gateway: '192.0.2.3', oif }),
  ]);
  expect(kernel.execute(route.list({ table: 254 }))).toContainEqual(
    expect.objectContaining({ dst: '10.80.0.0/16', nexthopId: 80, gateway: '192.0.2.3' }),
  );
});

test('the kernel lists by interface, and groups alone', () => {
  kernel.execute(nexthop.add({ id: 81, group: [{ id: 1 }] }));
  expect(kernel.execute(nexthop.list({ groups: true })).map(({ id }) => id)).toEqual([81]);
  const ids = kernel.execute(nexthop.list({ oif })).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([1, 2]));
  expect(ids).not.toContain(81);
});

test('the buckets of a resilient group are told', () => {
  const group = [{ id: 1 }, { id: 2 }];
  kernel.execute(nexthop.add({ id: 82, group, groupType: 'resilient', resilient: { buckets: 8 } }));
  const buckets = kernel.execute(nexthopBucket.list({ id: 82 }));
  const theirs = ip('nexthop', 'bucket', 'show', 'id', '82').map(seen => seen['bucket'] as Record<string, number>);
  expect(buckets.map(({ bucket }) => [bucket!.index, bucket!.nexthopId])).toEqual(
    theirs.map(({ index, nhid }) => [index, nhid]),
  );
  expect(buckets).toHaveLength(8);
  expect(kernel.execute(nexthopBucket.get({ id: 82, bucket: { index: 3 } }))).toMatchObject(
    buckets[3]!.bucket ? { id: 82, bucket: { index: 3 } } : {},
  );
});
