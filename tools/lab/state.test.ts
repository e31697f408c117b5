import { beforeAll, expect, it } from 'vitest';
import { createNamespace, inside, ip, type Namespace, removeNamespace, run, show, sysctl } from './namespace.ts';
import { type State, settle, state } from './state.ts';

let host: Namespace;

beforeAll(() => {
  host = createNamespace('state');
  ip(host, [
    'link add name eth0 type veth peer name eth1',
    'link set eth0 up addrgenmode none',
    'link set eth1 up addrgenmode none',
    'address add 10.0.0.1/24 dev eth0',
  ]);
});

const changes: [part: keyof State, change: string, undo: string][] = [
  ['links', 'ip link set eth0 mtu 1400', 'ip link set eth0 mtu 1500'],
  ['addresses', 'ip address add 10.0.1.1/32 dev lo', 'ip address delete 10.0.1.1/32 dev lo'],
  ['routes', 'ip route add 10.2.0.0/16 dev eth0 table 7', 'ip route flush table 7'],
  ['routes', 'ip route add fd00::/64 dev eth0', 'ip route delete fd00::/64 dev eth0'],
  ['rules', 'ip rule add pref 5 table 7', 'ip rule delete pref 5'],
  ['rules', 'ip -6 rule add pref 5 table 7', 'ip -6 rule delete pref 5'],
  [
    'neighbours',
    'ip neighbour add 10.0.0.2 lladdr 0a:00:00:00:00:01 dev eth0 nud permanent',
    'ip neighbour delete 10.0.0.2 dev eth0',
  ],
  ['neighbours', 'ip neighbour add proxy fd00::2 dev eth0', 'ip neighbour delete proxy fd00::2 dev eth0'],
  ['nftables', 'nft add table ip x', 'nft delete table ip x'],
  ['sysctls', 'sysctl -qw net.ipv4.conf.eth0.rp_filter=2', 'sysctl -qw net.ipv4.conf.eth0.rp_filter=1'],
];

it.each(changes)('shows in %s that somebody ran `%s`, and that `%s` undid it', (part, change, undo) => {
  const before = state(host);
  run(inside(host, change.split(' ')));
  expect(state(host)[part]).not.toEqual(before[part]);
  run(inside(host, undo.split(' ')));
  expect(state(host)).toEqual(before);
});

it('leaves out the neighbours that the kernel learnt', () => {
  const before = state(host);
  ip(host, ['neighbour replace 10.0.0.3 lladdr 0a:00:00:00:00:01 dev eth0 nud reachable']);
  expect(state(host)).toEqual(before);
});

it('settles once each link has its own address, for good', () => {
  const young = createNamespace('young');
  sysctl(young, { 'net.ipv6.conf.default.accept_dad': 1 });
  ip(young, ['link add name eth0 up type veth peer name eth1', 'link set eth1 up', 'address add fd00::1/64 dev eth1']);
  const tentative = () => show(young, '-6', 'address', 'show', 'tentative').flatMap(({ addr_info }) => addr_info ?? []);
  expect(tentative()).not.toEqual([]);
  settle(young);
  expect(tentative()).toEqual([]);
  expect(show(young, '-6', 'address', 'show', 'scope', 'link').map(({ ifname }) => ifname)).toEqual(['eth1', 'eth0']);
  removeNamespace(young);
});
