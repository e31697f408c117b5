// Filters lists by each field of each existing object, and compares the result with the complete list.
import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import {
  address,
  fdb,
  type LinkInput,
  type ListRequest,
  link,
  neighbour,
  netconf,
  nexthop,
  nsid,
  route,
  rule,
} from '../src/index.ts';
import { kernel } from './kernel.ts';

const batch = `
link add br0 type bridge
link add name1 address 02:00:00:00:00:01 mtu 1400 txqueuelen 7 group 42 master br0 type veth peer name name2 numtxqueues 2
link add vx0 type vxlan id 5 remote 192.0.2.9 dstport 4789
link add mv0 link name2 type macvlan mode bridge
link set name1 alias words
link property add dev name1 altname a-second-name
link set br0 up
link set name1 up
link set name2 up
link set vx0 up
address add 192.0.2.1/24 dev name2 label name2:one metric 5
address add 10.9.9.1 peer 10.9.9.2/32 dev name2 noprefixroute
address add 2001:db8::1/64 dev name2 nodad
route add default via 192.0.2.254 metric 9 mtu 1300
route add 10.50.0.0/16 via 192.0.2.253 src 192.0.2.1 tos 8 realm 5/6 protocol 99
route add 10.52.0.0/16 via inet6 2001:db8::9 dev name2 onlink
route add blackhole 10.53.0.0/16 table 1000
route add ::/0 via 2001:db8::fe metric 9 pref high expires 900
route add 2001:db8:50::/48 from 2001:db8:5::/48 via 2001:db8::fd dev name2
nexthop add id 1 via 192.0.2.20 dev name2
nexthop add id 2 via 192.0.2.21 dev name2 protocol 99
nexthop add id 3 group 1,3/2
rule add from 10.0.0.0/8 to 10.1.0.0/16 tos 8 fwmark 0x10/0xff table 1000 priority 100
rule add not iif name2 oif name1 uidrange 1-2 ipproto tcp sport 1-2 dport 53 blackhole priority 101 protocol 99
rule add goto 103 priority 102 tun_id 77 suppress_prefixlength 5 suppress_ifgroup 42
rule add l3mdev priority 103
neighbour add 192.0.2.10 lladdr 02:00:00:00:00:10 dev name2 router protocol 99
neighbour add 192.0.2.11 lladdr 02:00:00:00:00:11 dev name2 extern_learn
neighbour add proxy 192.0.2.12 dev name2
neighbour add 2001:db8::10 dev name2 managed
netns set filter 7
`;
execFileSync('ip', ['netns', 'attach', 'filter', `${process.pid}`]);
execFileSync('ip', ['-batch', '-'], { input: batch });
execFileSync('bridge', ['fdb', 'add', '02:00:00:00:00:99', 'dev', 'name1', 'master', 'static']);

type List = (filter?: object) => ListRequest<never>;
const lists = { link, address, route, rule, neighbour, nexthop, fdb, netconf, nsid } as unknown as {
  readonly [kind: string]: { readonly list: List };
};

const executed = (request: ListRequest<never>): Record<string, unknown>[] => kernel.execute(request);
const key = ({ index, id, dst, address, table }: Record<string, unknown>) => [index, id, dst, address, table];

test.each(Object.entries(lists))('%s lists by each of its fields', (_, { list }) => {
  const all = executed(list());
  expect(all.length).toBeGreaterThan(0);
  const values = new Map(all.flatMap(object => Object.entries(object)).map(entry => [entry.join(' '), entry]));
  for (const [text, [name, value]] of values) {
    // Nested fields filter by their parts, `unspec` selects all families, and remaining seconds change meanwhile.
    if (`${value}` === '[object Object]' || value === 'unspec' || name === 'expires') continue;
    const having = () => executed(list()).filter(object => `${object[name]}` === `${value}`);
    let expected: Record<string, unknown>[];
    let found: Record<string, unknown>[];
    // The kernel changes objects meanwhile: duplicate address detection ends, and neighbours do not answer.
    do {
      expected = having();
      found = executed(list({ [name]: value }));
    } while (!isDeepStrictEqual(expected.map(key), having().map(key)));
    expect(found.map(key), text).toEqual(expected.map(key));
  }
});

test('links are listed by several parts of what they are', () => {
  const names = (filter: LinkInput) => kernel.execute(link.list(filter)).map(({ name }) => name);
  const { index: master } = kernel.execute(link.get({ name: 'br0' }))!;
  expect(names({ info: { kind: 'veth' } })).toEqual(['name2', 'name1']);
  expect(names({ info: { kind: 'veth', slaveKind: 'bridge' } })).toEqual(['name1']);
  expect(names({ info: { slaveKind: 'bridge', slaveData: { hairpin: false } } })).toEqual(['name1']);
  // The kernel ignores a kind that it does not have.
  expect(names({ master, info: { kind: 'no-such-kind' } })).toEqual([]);
});

test('routes by an interface are those of which any path leads there', () => {
  const { index: oif } = kernel.execute(link.get({ name: 'name2' }))!;
  kernel.execute(route.add({ dst: '10.55.0.0/16', nexthopId: 3 }));
  expect(kernel.execute(route.list({ oif, dst: '10.55.0.0/16' }))).toMatchObject([{ nexthops: [{ oif }, { oif }] }]);
  expect(kernel.execute(route.list({ oif: 1, dst: '10.55.0.0/16' }))).toEqual([]);
});

test.each(['unspec', 0] as const)('the family %j asks for all', family => {
  const families = new Set(kernel.execute(route.list({ family })).map(({ family }) => family));
  expect([...families]).toEqual(['inet', 'inet6']);
});
