// The picture is readable, whatever the names of pods and NICs.
import { expect, test } from 'vitest';
import type { Inspection, NicInspection, PathInspection } from './inspection.ts';
import { inspectionPicture } from './picture.ts';

const longest = ['fd12:3456:789a:bcde:1234:5678:9abc:def0', '2001:db8:1234:5678:9abc:def0:1234:5678'];

const pathOf = (source: string): PathInspection => ({
  family: source.includes(':') ? 'inet6' : 'inet',
  role: 'primary',
  source,
  gateway: source.includes(':') ? 'fe80::1' : '169.254.1.1',
  table: 254,
  rules: [],
  destinations: Array.from({ length: 112 }, (_, i) => `10.${i}.0.0/16`),
});
const nicOf = (name: string, ...addresses: string[]): NicInspection => ({
  name,
  network: 'underlay',
  kind: 'macvlan',
  addresses,
  paths: addresses.map(pathOf),
});
const podOf = (
  pod: string | undefined,
  nics: NicInspection[],
  problems: string[] = [],
): Inspection['pods'][number] => ({
  pod,
  containerID: '425c89ed5bb78a7623fae60fd8a6f648',
  netns: '/run/netns/pod',
  pair: {
    host: { name: 'vethuny0niexpbq', index: 7, address: '02:00:00:00:00:01', mtu: 1500, up: true },
    pod: { name: 'veth0', index: 3, address: '02:00:00:00:00:02', mtu: 1500, up: true },
    routed: [],
  },
  nics,
  findings: problems.map(object => ({ object, problem: 'missing', broken: true })),
});

const inspections: [string, Inspection['pods']][] = [
  ['no pod', []],
  ['a pod with one NIC', [podOf(undefined, [nicOf('eth0', '10.6.0.100', 'fd00:10:6::100')])]],
  ['a pod whose NIC has no address', [podOf(undefined, [nicOf('eth0')])]],
  [
    'pods with the longest names, of which one is broken',
    [
      podOf(`${'n'.repeat(63)}/${'web-'.repeat(40)}0`, [
        nicOf('eth0', '10.6.0.100', 'fd00:10:6::100'),
        nicOf('macvlan-storage', '192.168.100.200', longest[0]!),
        nicOf('a<"b>&c', longest[1]!),
      ]),
      podOf('shop/web', [nicOf('eth0', ...longest)], [`route ${longest[0]}/128 via fe80::1 ${'x'.repeat(80)}`]),
    ],
  ],
];

interface Area {
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The areas of texts and chips, by the character widths of a common font. */
function areasIn(svg: string): Area[] {
  const widths = { code: 7.55, title: 8.2, small: 7 };
  const texts = [...svg.matchAll(/<text x="(\S+)" y="(\S+)" class="(\w+).*?">(.*?)<\/text>/g)].map(
    ([, x, y, style, content = '']) => {
      const characters = content.replaceAll(/&\w+;/g, '&').length;
      const right = Number(x) + characters * widths[style as keyof typeof widths];
      return { what: content, left: Number(x), right, top: Number(y) - 11, bottom: Number(y) + 3 };
    },
  );
  const chips = [...svg.matchAll(/<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)" rx="14" class="chip/g)].map(
    ([what, x, y, w, h]) => ({
      what,
      left: Number(x),
      right: Number(x) + Number(w),
      top: Number(y),
      bottom: Number(y) + Number(h),
    }),
  );
  return [...texts, ...chips];
}

const overlap = (one: Area, other: Area): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

test.each(inspections)('of %s nothing covers anything else, and all is within the picture', (_, pods) => {
  const addresses = ['10.6.0.10', ...longest];
  const svg = inspectionPicture({ node: { addresses, findings: [] }, pods });
  const areas = areasIn(svg);
  const names = pods.flatMap(({ nics }) => nics.flatMap(({ addresses }) => addresses));
  expect(areas.map(({ what }) => what)).toEqual(expect.arrayContaining([...addresses, ...names]));
  const covered = areas.flatMap((one, i) =>
    areas.slice(i + 1).flatMap(other => (overlap(one, other) ? [`${one.what} / ${other.what}`] : [])),
  );
  expect(covered).toEqual([]);
  const [, width, height] = svg.match(/viewBox="0 0 (\S+) (\S+)"/)!.map(Number);
  const outside = areas.filter(({ left, right, bottom }) => left < 0 || right > width! || bottom > height!);
  expect(outside).toEqual([]);
});
