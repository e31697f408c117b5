import { expect, test } from 'vitest';
import { kernel, veth } from '../../test/kernel.ts';
import { address, pathsOf, type RouteInput, route } from '../index.ts';

const [oif] = veth('paths0', 'paths1');
kernel.execute(address.add({ index: oif, address: '192.0.2.1/24' }));

const onlink = 4;
const [near, other] = [
  { oif, gateway: '192.0.2.2' },
  { oif, gateway: '192.0.2.3', hops: 2 },
];

test.each<[string, RouteInput, object[]]>([
  ['of a direct route is its link', { oif }, [{ oif, gateway: undefined, flags: 0 }]],
  [
    'of another is its gateway',
    { oif, gateway: '169.254.1.1', onlink: true },
    [{ oif, gateway: '169.254.1.1', flags: onlink }],
  ],
  ['of a multipath route are all of them', { nexthops: [near, other] }, [near, other]],
  ['of a route that leads nowhere is without a link', { type: 'blackhole' }, [{ oif: undefined }]],
])('the path %s', (_, input, expected) => {
  const dst = '198.51.100.0/24';
  kernel.execute(route.add({ dst, ...input }));
  const found = kernel.execute(route.list()).find(candidate => candidate.dst === dst);
  kernel.execute(route.delete({ dst }));
  expect(pathsOf(found!)).toMatchObject(expected);
});

test('a path has its own flags, without those of the route as a whole', () => {
  const [found] = kernel.execute(route.list({ oif }));
  // RTM_F_OFFLOAD and RTNH_F_OFFLOAD
  expect(pathsOf({ ...found!, flags: 0x4008 })).toMatchObject([{ oif, flags: 0x8 }]);
});
