// ADD again, with another configuration, on another node, or for a NIC that has changed: what is there then is what an ADD
// makes of a new pod that has all of this from the beginning. CHECK names the difference before, and none after.
import { NetNs } from '@spider/netns';
import { monitor } from '@spider/rtnetlink/monitor';
import { expect, test } from 'vitest';
import type { Family } from '../../../tools/lab/family.ts';
import { ip, type Namespace, show } from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import type { Answer } from './call.ts';
import { createStand, type Stand } from './stand.ts';

const cluster = { cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'] };
const lan = (i: number) => ({ IPv4: `10.${6 + i}.0`, IPv6: `fd00:10:${6 + i}:` });

/** A NIC of the pod in a LAN of its own, with a way out of it unless `gateway` is false. */
interface Plug {
  readonly name: string;
  readonly gateway?: boolean | Family;
  /** In which LAN it is, if in none of its own. */
  readonly lan?: number | undefined;
  /** Its addresses are all of their prefixes, as clouds give them. */
  readonly alone?: true;
  /** More routes by it. */
  readonly routes?: readonly string[];
}

/** A node in the LANs 10.6.0.0/16, 10.7.0.0/16 and 10.8.0.0/16, where it is ….10, and a pod that has no NIC in them yet. */
function standOn(name: string): Stand {
  return createStand(name, pod => ({
    node: [0, 1, 2].flatMap(i => [
      `link add lan${i} up type veth peer name nic${i} netns ${pod}`,
      `address add ${lan(i).IPv4}.10/16 dev lan${i}`,
      `address add ${lan(i).IPv6}:10/64 dev lan${i} nodad`,
    ]),
    pod: [],
  }));
}

const addresses = (i: number, last: number | string = 100) => [
  `${lan(i).IPv4}.${last}/16`,
  `${lan(i).IPv6}:${last}/64`,
];

/** What the plugin before veth does: a NIC is there, with addresses and default routes behind those that are there. */
function plug({ pod }: Stand, { name, gateway = true, lan, alone, routes = [] }: Plug, i: number): void {
  const given = addresses(lan ?? i, 100 + i).map(address => (alone ? wholeOf(address) : address));
  ip(pod, [
    `link set nic${i} name ${name}`,
    `link set ${name} up`,
    ...given.map(address => `address add ${address} dev ${name} nodad`),
    ...defaults(lan ?? i, gateway).map(route => `route append ${route} dev ${name}${alone ? ' onlink' : ''}`),
    ...routes.map(route => `route add ${route} dev ${name}`),
  ]);
}

function wholeOf(address: string): string {
  return address.replace(/\/.*/, address.includes(':') ? '/128' : '/32');
}

interface Link {
  readonly ifname: string;
  readonly mtu: number;
  readonly address: string;
}

/** All but what the kernel does by itself, when it gets round to it, and the settings of the NICs. */
function lasting({ node, pod }: Stand): string[] {
  const of = (namespace: Namespace, place: string) => {
    const { routes, rules, neighbours, nftables } = state(namespace);
    const own = [
      ...routes.filter(line => !/table (local|255)|fe80::\/64|ff00::\/8/.test(line)),
      ...rules,
      ...neighbours,
    ];
    return [...own, ...nftables].map(line => `${place}: ${line.trim()}`);
  };
  const names = show<{ altnames?: string[] }>(node, 'link').flatMap(({ altnames = [] }) => altnames);
  const ends = [...show<Link>(node, 'link'), ...show<Link>(pod, 'link')].filter(({ ifname }) =>
    ifname.startsWith('veth'),
  );
  const pair = ends.map(({ ifname, mtu, address }) => `${ifname} ${mtu} ${address}`);
  return [...of(node, 'node'), ...of(pod, 'pod'), ...names, ...pair].filter(line => !/: ?$/.test(line)).sort();
}

/** What gave the NIC its addresses gives it others, and another way out if it had one. */
function readdress({ pod }: Stand, ifName: string, [from, to]: readonly [string[], string[]], gateway?: number): void {
  ip(pod, [
    ...from.map(address => `address delete ${address} dev ${ifName}`),
    ...to.map(address => `address add ${address} dev ${ifName} nodad`),
    ...(gateway === undefined ? [] : defaults(gateway).map(route => `route replace ${route} dev ${ifName}`)),
  ]);
}

function defaults(i: number, of: boolean | Family = true): string[] {
  const all = { IPv4: `default via ${lan(i).IPv4}.1`, IPv6: `::/0 via ${lan(i).IPv6}:1` };
  return typeof of === 'string' ? [all[of]] : of ? Object.values(all) : [];
}

interface Step {
  readonly nic: Plug;
  readonly keys?: object;
}

interface Scene {
  /** What has been done before, NIC by NIC. */
  readonly before: readonly Step[];
  /** What is changed in pod and node meanwhile, and in a new pod before its first ADD. */
  readonly meanwhile?: (stand: Stand) => void;
  /** The NICs of which ADD is called again. */
  readonly again: readonly Step[];
  /** What CHECK of the first of them says then. */
  readonly check: RegExp | undefined;
}

const eth0 = { name: 'eth0' };
const net1 = { name: 'net1' };
const more = { ...cluster, additional_cidr: ['172.20.0.0/16', 'fd00:20::/32'] };

const onlyHardware = { hardware_prefix: '0a:1b', only_hardware: true };

const scenes: Readonly<Record<string, Scene>> = {
  'CIDRs left the configuration': {
    before: [{ nic: eth0, keys: more }],
    again: [{ nic: eth0, keys: cluster }],
    check: /no route 172\.20\.0\.0\/16 via .* in the pod: is there.*no route fd00:20::\/32 /,
  },
  'the node has another address': {
    before: [{ nic: eth0 }],
    meanwhile: ({ node }) =>
      ip(node, [
        ...addresses(0, 10).map(address => `address delete ${address} dev lan0`),
        ...addresses(0, 12).map(address => `address add ${address} dev lan0 nodad`),
      ]),
    again: [{ nic: eth0 }],
    check: /no route 10\.6\.0\.10\/32 .* in the pod: is there.*no route fd00:10:6::10\/128 /,
  },
  'an address of the node is excluded': {
    before: [{ nic: eth0 }],
    again: [{ nic: eth0, keys: { ...cluster, node_addresses: { exclude: ['lan1'] } } }],
    check: /no route 10\.7\.0\.10\/32 /,
  },
  'the NIC has other addresses': {
    before: [{ nic: { ...eth0, gateway: false }, keys: { ...more, reply_path: {} } }],
    meanwhile: stand => readdress(stand, 'eth0', [addresses(0), addresses(0, 101)]),
    again: [{ nic: { ...eth0, gateway: false } }],
    check: /no route 10\.6\.0\.100\/32 .* on the node: is there.*no neighbour fd00:10:6::100 .* on the node: is there/,
  },
  'the NIC has IPv6 no more': {
    before: [{ nic: eth0 }],
    meanwhile: stand => readdress(stand, 'eth0', [[addresses(0)[1]!], []]),
    again: [{ nic: eth0 }],
    check: /no route fd00:10:244::\/56 .* in the pod: is there/,
  },
  'the path for replies is not wanted any more': {
    before: [{ nic: eth0, keys: { ...cluster, reply_path: {} } }],
    again: [{ nic: eth0 }],
    // Another NIC might have asked for it.
    check: undefined,
  },
  'the path for replies has another mark': {
    before: [{ nic: eth0, keys: { ...cluster, reply_path: {} } }],
    again: [{ nic: eth0, keys: { ...cluster, reply_path: { mark: '0x40000000' } } }],
    check: /rule priority 8599 from 0\.0\.0\.0\/0 fwmark 0x40000000\/0x40000000 lookup 8600 in the pod: missing/,
  },
  'the network has another name': {
    before: [{ nic: eth0, keys: { ...cluster, name: 'old' } }],
    again: [{ nic: eth0 }],
    check: /no link \S+ altname \S+@old@eth0 on the node: is there/,
  },
  'the MTU left the configuration': {
    before: [{ nic: eth0, keys: { ...cluster, mtu: 1400 } }],
    again: [{ nic: eth0 }],
    check: /link veth0 mtu 1500 in the pod: mtu is 1400; link \S+ mtu 1500 on the node: mtu is 1400$/,
  },
  'the NIC has an MTU too small for IPv6': {
    before: [{ nic: { ...eth0, gateway: 'IPv4' } }],
    meanwhile: ({ pod }) => ip(pod, ['link set eth0 mtu 1000']),
    again: [{ nic: { ...eth0, gateway: 'IPv4' } }],
    check: /link veth0 mtu 1000 in the pod: mtu is 1500; .*link \S+ mtu 1000 on the node: mtu is 1500; /,
  },
  'only the hardware address is wanted': {
    before: [{ nic: eth0, keys: { ...more, reply_path: {} } }],
    again: [{ nic: eth0, keys: onlyHardware }],
    check: /no link veth\S{11} on the node: is there$/,
  },
  'only the hardware address is wanted of a second NIC': {
    before: [{ nic: eth0 }, { nic: net1 }],
    again: [{ nic: net1, keys: onlyHardware }],
    check: /no rule priority 8600 from 10\.7\.0\.101\/32 .*no link \S+ altname \S+@net1 on the node: is there/,
  },
  'only the hardware address is wanted of the first NIC, beside a second': {
    before: [{ nic: eth0 }, { nic: net1 }],
    again: [{ nic: eth0, keys: onlyHardware }],
    check: /no route 10\.244\.0\.0\/16 .* src 10\.6\.0\.100 in the pod: is there/,
  },
  'CIDRs left the configuration of a second NIC': {
    before: [
      { nic: eth0, keys: more },
      { nic: net1, keys: more },
    ],
    again: [{ nic: net1, keys: cluster }],
    check: /no route 172\.20\.0\.0\/16 .* src 10\.7\.0\.101 .*table \d+ in the pod: is there/,
  },
  'a second NIC went to another LAN': {
    before: [{ nic: eth0 }, { nic: { ...net1, gateway: false } }],
    meanwhile: stand => readdress(stand, 'net1', [addresses(1, 101), addresses(3, 101)]),
    again: [{ nic: { ...net1, gateway: false } }],
    check: /no rule priority 8600 from 10\.7\.0\.101\/32 .*no rule priority 8602 to 10\.7\.0\.0\/16 /,
  },
  'the first NIC went to another LAN, beside a second': {
    before: [{ nic: eth0 }, { nic: net1 }],
    meanwhile: stand => readdress(stand, 'eth0', [addresses(0), addresses(3)], 3),
    again: [{ nic: eth0 }],
    check: /rule priority 8601 from 10\.9\.0\.100\/32 to 10\.7\.0\.0\/16 lookup main in the pod: missing/,
  },
  'the second NIC is to own the default route': {
    before: [{ nic: eth0 }, { nic: net1 }],
    again: [{ nic: net1, keys: { ...cluster, default_route: 'net1' } }],
    check: /route 0\.0\.0\.0\/0 via 10\.7\.0\.1 dev net1 in the pod: missing/,
  },
  'the second NIC is to own the default route, in the LAN of the first': {
    before: [{ nic: eth0 }, { nic: { ...net1, lan: 0 } }],
    again: [{ nic: { ...net1, lan: 0 }, keys: { ...cluster, default_route: 'net1' } }],
    check: /no route 10\.6\.0\.10\/32 .* src 10\.6\.0\.101 metric \d+ in the pod: is there/,
  },
};

/** What an answer says went wrong. */
const failure = ({ status, stdout }: Answer): string | undefined => (status === 0 ? undefined : JSON.parse(stdout).msg);

let count = 0;

test.each(Object.entries(scenes))(
  'ADD again where %s makes what the ADD of a new pod makes',
  (_, { before, meanwhile, again, check }) => {
    const name = `again${count++}`;
    const steps = [...before, ...again];
    const made = (() => {
      using stand = standOn(name);
      for (const [i, { nic, keys = cluster }] of before.entries()) {
        plug(stand, nic, i);
        expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
      }
      for (const { nic, keys = cluster } of before)
        expect(failure(stand.call('CHECK', keys, nic.name))).toBeUndefined();
      meanwhile?.(stand);
      const [{ nic, keys = cluster }] = again as [Step];
      const found = failure(stand.call('CHECK', keys, nic.name));
      if (check) expect(found).toMatch(check);
      else expect(found).toBeUndefined();
      for (const { nic, keys = cluster } of again) expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
      for (const { nic } of before) {
        const { keys = cluster } = steps.findLast(step => step.nic.name === nic.name)!;
        expect(failure(stand.call('CHECK', keys, nic.name))).toBeUndefined();
      }
      const made = lasting(stand);
      for (const { nic, keys = cluster } of again) expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
      expect(lasting(stand)).toEqual(made);
      return made;
    })();
    using stand = standOn(name);
    for (const [i, { nic }] of before.entries()) {
      plug(stand, nic, i);
      if (i === before.findIndex(step => step.nic.name === again[0]!.nic.name)) meanwhile?.(stand);
      const { keys = cluster } = steps.findLast(step => step.nic.name === nic.name)!;
      expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
    }
    expect(made).toEqual(lasting(stand));
  },
);

const lans = { cluster_cidr: ['10.6.0.0/16', 'fd00:10:6::/64', '10.7.0.0/16', 'fd00:10:7::/64'] };

/** NICs come one after the other, each by its own configuration. CHECK of each passes then. */
const chains: Readonly<Record<string, readonly Step[]>> = {
  'the later is to own the default route, and leads to other CIDRs': [
    { nic: eth0, keys: more },
    { nic: net1, keys: { ...cluster, additional_cidr: ['172.21.0.0/16'], default_route: 'net1' } },
  ],
  'the later is to own the default route, and either leaves its routes in main': [
    { nic: eth0, keys: { ...cluster, move_routes: 2 } },
    { nic: { ...net1, lan: 0 } },
    { nic: { name: 'net2' }, keys: { ...cluster, move_routes: 2, default_route: 'net2' } },
  ],
  'the third is to own the default route, and the second left its own in main': [
    { nic: eth0 },
    { nic: net1, keys: { ...cluster, move_routes: 2 } },
    { nic: { name: 'net2' }, keys: { ...cluster, default_route: 'net2' } },
  ],
  'neither has a default route': [{ nic: { ...eth0, gateway: false } }, { nic: { ...net1, gateway: false } }],
  'the later alone has a default route': [{ nic: { ...eth0, gateway: false } }, { nic: net1 }],
  'the first is to own the default route, and has none': [
    { nic: { ...eth0, gateway: false }, keys: { ...cluster, default_route: 'eth0' } },
    { nic: net1, keys: { ...cluster, default_route: 'eth0' } },
  ],
  'the later has a default route of IPv4 alone': [
    { nic: { ...eth0, gateway: false } },
    { nic: { ...net1, gateway: 'IPv4' } },
  ],
  'the later has addresses that are all of their prefixes': [{ nic: eth0 }, { nic: { ...net1, alone: true } }],
  'the later has routes of its own to what it reaches through the pair': [
    { nic: eth0, keys: {} },
    { nic: { ...net1, routes: ['10.244.0.0/16 via 10.7.0.1', 'fd00:10:244::/56 via fd00:10:7::1'] } },
  ],
  'CIDRs are the LANs of both': [
    { nic: eth0, keys: lans },
    { nic: net1, keys: lans },
  ],
  'the third alone has a default route, and the second is in its own table': [
    { nic: { ...eth0, gateway: false } },
    { nic: { ...net1, gateway: false } },
    { nic: { name: 'net2' } },
  ],
};

test.each(Object.entries(chains))('of NICs of which %s CHECK passes, and ADD again changes nothing', (_, steps) => {
  using stand = standOn(`again${count++}`);
  for (const [i, { nic, keys = cluster }] of steps.entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
  }
  const before = lasting(stand);
  for (const { nic, keys = cluster } of steps) {
    expect(failure(stand.call('CHECK', keys, nic.name))).toBeUndefined();
    expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
    expect(lasting(stand)).toEqual(before);
  }
});

test('what a NIC that gave way leads to it leads to still, and nothing of it stays in main', () => {
  using stand = standOn(`again${count++}`);
  for (const [i, { nic, keys }] of chains[
    'the later is to own the default route, and leads to other CIDRs'
  ]!.entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
  }
  const way = (dst: string, ...from: string[]) => show(stand.pod, 'route', 'get', dst, ...from)[0];
  expect(way('172.20.0.1', 'from', '10.6.0.100')).toMatchObject({ dev: 'veth0' });
  expect(way('172.21.0.1', 'from', '10.6.0.100')).toMatchObject({ dev: 'eth0' });
  expect(way('172.20.0.1')).toMatchObject({ dev: 'net1' });
  expect(way('172.21.0.1')).toMatchObject({ dev: 'veth0', prefsrc: '10.7.0.101' });
});

test('a NIC’s own route to a CIDR gives way to that through the pair, and a CIDR that is its LAN to the LAN', () => {
  const way = ({ pod }: Stand, dst: string, ...from: string[]) => show(pod, 'route', 'get', dst, ...from)[0];
  const standWith = (steps: readonly Step[]) => {
    const stand = standOn(`again${count++}`);
    for (const [i, { nic, keys = cluster }] of steps.entries()) {
      plug(stand, nic, i);
      expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
    }
    return stand;
  };
  using own = standWith(chains['the later has routes of its own to what it reaches through the pair']!);
  expect(way(own, '10.244.0.1', 'from', '10.7.0.101')).toMatchObject({ dev: 'veth0' });
  expect(way(own, 'fd00:10:244::1', 'from', 'fd00:10:7::101')).toMatchObject({ dev: 'veth0' });
  using lan = standWith(chains['CIDRs are the LANs of both']!);
  expect(way(lan, '10.6.0.20')).toMatchObject({ dev: 'eth0' });
  expect(way(lan, 'fd00:10:6::20')).toMatchObject({ dev: 'eth0' });
  expect(way(lan, '10.7.0.20', 'from', '10.7.0.101')).toMatchObject({ dev: 'net1' });
  expect(way(lan, 'fd00:10:7::20', 'from', 'fd00:10:7::101')).toMatchObject({ dev: 'net1' });
  expect(way(lan, '10.6.0.20', 'from', '10.7.0.101')).toMatchObject({ dev: 'veth0' });
});

const byGateway = { IPv4: `${lan(0).IPv4}.1`, IPv6: `${lan(0).IPv6}:1` };
test.each([
  ['by a gateway', byGateway, {}],
  ['on the link', undefined, {}],
  ['by a gateway, where it is to have its hardware address alone', byGateway, onlyHardware],
])(
  'a first NIC’s own route to a CIDR, %s, is in main again when the CIDR has left the configuration',
  (_, gw, keys) => {
    using stand = standOn(`again${count++}`);
    const cidrs = { IPv4: '172.20.0.0/16', IPv6: 'fd00:20::/32' } as const;
    const told = (['IPv4', 'IPv6'] as const).map(family => ({ dst: cidrs[family], ...(gw && { gw: gw[family] }) }));
    plug(stand, { ...eth0, routes: told.map(({ dst, gw }) => (gw ? `${dst} via ${gw}` : dst)) }, 0);
    const ways = () => lasting(stand).filter(line => /172\.20|fd00:20:/.test(line));
    const before = ways();
    const prevResult = {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'eth0', sandbox: stand.pod.path }],
      ips: addresses(0).map(address => ({ address, interface: 0 })),
      routes: told,
    };
    expect(
      failure(stand.call('ADD', { ...cluster, prevResult, additional_cidr: Object.values(cidrs) })),
    ).toBeUndefined();
    expect(ways()).not.toEqual(before);
    expect(failure(stand.call('CHECK', { ...cluster, ...keys, prevResult }))).toMatch(
      /route 172\.20\.0\.0\/16 .*dev eth0 in the pod: missing; route fd00:20::\/32 .*dev eth0 in the pod: missing/,
    );
    expect(failure(stand.call('ADD', { ...cluster, ...keys, prevResult }))).toBeUndefined();
    expect(failure(stand.call('CHECK', { ...cluster, ...keys, prevResult }))).toBeUndefined();
    expect(ways()).toEqual(before);
    // What goes later is not veth's to restore.
    ip(stand.pod, ['route delete 172.20.0.0/16']);
    expect(failure(stand.call('CHECK', { ...cluster, ...keys, prevResult }))).toBeUndefined();
  },
);

test('a NIC that leaves its routes in main reaches a LAN within a CIDR by itself', () => {
  using stand = standOn(`again${count++}`);
  const keys = { cluster_cidr: ['10.0.0.0/8', 'fd00::/16'], move_routes: 2 };
  for (const [i, nic] of [eth0, net1].entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', keys, nic.name))).toBeUndefined();
  }
  const before = lasting(stand);
  expect(failure(stand.call('ADD', keys, 'net1'))).toBeUndefined();
  expect(failure(stand.call('CHECK', keys, 'net1'))).toBeUndefined();
  expect(lasting(stand)).toEqual(before);
  const way = (dst: string, from: string) => show(stand.pod, 'route', 'get', dst, 'from', from)[0];
  expect(way('10.7.0.20', '10.7.0.101')).toMatchObject({ dev: 'net1' });
  expect(way('fd00:10:7::20', 'fd00:10:7::101')).toMatchObject({ dev: 'net1' });
  expect(way('10.244.0.1', '10.7.0.101')).toMatchObject({ dev: 'veth0' });
  expect(show(stand.pod, 'route', 'show', '10.7.0.0/16', 'dev', 'net1')).toHaveLength(1);
});

test('a pod whose NICs have no default route reaches the cluster by any that is left', () => {
  using stand = standOn(`again${count++}`);
  for (const [i, name] of ['eth0', 'net1'].entries()) {
    plug(stand, { name, gateway: false }, i);
    expect(failure(stand.call('ADD', cluster, name))).toBeUndefined();
  }
  const way = () => show(stand.pod, 'route', 'get', '10.244.0.1');
  expect(way()).toMatchObject([{ dev: 'veth0', prefsrc: '10.6.0.100' }]);
  ip(stand.pod, ['link delete eth0']);
  expect(way()).toMatchObject([{ dev: 'veth0', prefsrc: '10.7.0.101' }]);
  expect(failure(stand.call('DEL', cluster, 'eth0'))).toBeUndefined();
  expect(way()).toMatchObject([{ dev: 'veth0', prefsrc: '10.7.0.101' }]);
});

test('the path for replies stays for another NIC that wants it, whose mark nobody changes', () => {
  using stand = standOn(`again${count++}`);
  const reply = { ...cluster, reply_path: {} };
  for (const [i, nic] of [eth0, net1].entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', reply, nic.name))).toBeUndefined();
  }
  const before = lasting(stand);
  expect(failure(stand.call('ADD', cluster, 'eth0'))).toBeUndefined();
  const other = { ...cluster, reply_path: { mark: '0x40000000' } };
  expect(failure(stand.call('ADD', other, 'eth0'))).toMatch(/reply_path\.mark: 0x40000000 is not 0x20000000/);
  expect(lasting(stand)).toEqual(before);
  for (const [keys, name] of [
    [cluster, 'eth0'],
    [reply, 'net1'],
  ] as const)
    expect(failure(stand.call('CHECK', keys, name))).toBeUndefined();
});

test('the MTU that NICs share stays for each of them, and for the one that is left, until its configuration asks for another', () => {
  using stand = standOn(`again${count++}`);
  const smaller = { ...cluster, mtu: 1400 };
  for (const [i, nic] of [eth0, net1].entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', i === 0 ? cluster : smaller, nic.name))).toBeUndefined();
  }
  const mtus = () =>
    [...show<Link>(stand.pod, 'link', 'show', 'veth0'), ...show<Link>(stand.node, 'link', 'show', stand.host)].map(
      ({ mtu }) => mtu,
    );
  for (const [keys, name] of [
    [smaller, 'net1'],
    [{ ...cluster, mtu: 1300 }, 'eth0'],
  ] as const) {
    expect(failure(stand.call('ADD', keys, name))).toBeUndefined();
    expect(failure(stand.call('CHECK', keys, name))).toBeUndefined();
    expect(mtus()).toEqual([1500, 1500]);
  }
  expect(failure(stand.call('DEL', cluster, 'eth0'))).toBeUndefined();
  ip(stand.pod, ['link set eth0 down', 'address flush dev eth0']);
  for (const command of ['CHECK', 'ADD', 'CHECK'])
    expect(failure(stand.call(command, smaller, 'net1'))).toBeUndefined();
  expect(mtus()).toEqual([1500, 1500]);
  const other = { ...cluster, mtu: 1300 };
  expect(failure(stand.call('CHECK', other, 'net1'))).toMatch(/^link veth0 mtu 1300 in the pod: mtu is 1500; /);
  expect(failure(stand.call('ADD', other, 'net1'))).toBeUndefined();
  expect(failure(stand.call('CHECK', other, 'net1'))).toBeUndefined();
  expect(mtus()).toEqual([1300, 1300]);
});

test('CHECK minds no pair that was made with a smaller MTU for a NIC that is gone, and ADD again makes it larger', () => {
  using stand = standOn(`again${count++}`);
  for (const [i, nic] of [eth0, net1].entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', i === 0 ? { ...cluster, mtu: 1400 } : cluster, nic.name))).toBeUndefined();
  }
  expect(failure(stand.call('DEL', cluster, 'eth0'))).toBeUndefined();
  ip(stand.pod, ['link set eth0 down', 'address flush dev eth0']);
  expect(failure(stand.call('CHECK', cluster, 'net1'))).toBeUndefined();
  ip(stand.pod, ['link set veth0 mtu 1350']);
  expect(failure(stand.call('CHECK', cluster, 'net1'))).toMatch(
    /^link veth0 mtu 1500 in the pod: mtu is 1350; link \S+ mtu 1500 on the node: mtu is 1400$/,
  );
  expect(failure(stand.call('ADD', cluster, 'net1'))).toBeUndefined();
  expect(show<Link>(stand.node, 'link', 'show', stand.host)).toMatchObject([{ mtu: 1500 }]);
  expect(failure(stand.call('CHECK', cluster, 'net1'))).toBeUndefined();
});

test('CHECK minds no such pair either where the NIC that is left owns the default route', () => {
  using stand = createStand(`again${count++}`, pod => ({
    node: [`link add lan0 up type veth peer name nic0 netns ${pod}`, 'address add 10.6.0.10/16 dev lan0'],
    pod: [],
  }));
  plug(stand, eth0, 0);
  expect(failure(stand.call('ADD', { ...cluster, mtu: 1400 }))).toBeUndefined();
  ip(stand.node, [`link add lan1 up type veth peer name nic1 netns ${stand.pod.name}`]);
  plug(stand, net1, 1);
  const named = { ...cluster, default_route: 'net1' };
  expect(failure(stand.call('ADD', named, 'net1'))).toBeUndefined();
  expect(failure(stand.call('DEL', cluster))).toBeUndefined();
  ip(stand.pod, ['link set eth0 down', 'address flush dev eth0']);
  expect(failure(stand.call('CHECK', named, 'net1'))).toBeUndefined();
  expect(failure(stand.call('ADD', named, 'net1'))).toBeUndefined();
  expect(show<Link>(stand.node, 'link', 'show', stand.host)).toMatchObject([{ mtu: 1500 }]);
});

test('a NIC that is to have its hardware address alone from the beginning changes nothing of the others’', () => {
  using stand = standOn(`again${count++}`);
  for (const [i, nic] of [eth0, net1].entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', cluster, nic.name))).toBeUndefined();
  }
  plug(stand, { name: 'net2' }, 2);
  const before = lasting(stand);
  expect(failure(stand.call('ADD', onlyHardware, 'net2'))).toBeUndefined();
  expect(failure(stand.call('CHECK', onlyHardware, 'net2'))).toBeUndefined();
  expect(lasting(stand)).toEqual(before);
});

test('CHECK minds nothing that a NIC asked for which is gone, and ADD again takes it away', () => {
  using stand = standOn(`again${count++}`);
  for (const [i, nic] of [eth0, net1].entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', i === 0 ? cluster : { ...cluster, reply_path: {} }, nic.name))).toBeUndefined();
    if (i === 0) readdress(stand, 'eth0', [[addresses(0)[1]!], []]);
  }
  expect(failure(stand.call('ADD', cluster, 'eth0'))).toBeUndefined();
  const before = lasting(stand).filter(line => /8600|fe80::1|nftables|table inet/.test(line));
  expect(failure(stand.call('DEL', cluster, 'net1'))).toBeUndefined();
  expect(before).not.toEqual([]);
  expect(failure(stand.call('CHECK', cluster, 'eth0'))).toBeUndefined();
  expect(failure(stand.call('ADD', cluster, 'eth0'))).toBeUndefined();
  expect(lasting(stand).filter(line => /8600|fe80::1|table inet/.test(line))).toEqual([]);
});

test.each([
  ['greater', [0, 1, 2]],
  ['smaller', [2, 1, 0]],
] as const)(
  'CHECK minds no NIC of a %s index that came without an ADD, but names what the NIC before it has lost',
  (_, [first, second, third]) => {
    using stand = standOn(`again${count++}`);
    plug(stand, eth0, first);
    // Not veth's, as that of an overlay.
    plug(stand, net1, second);
    expect(failure(stand.call('ADD', cluster, 'net1'))).toBeUndefined();
    plug(stand, { name: 'net2' }, third);
    expect(failure(stand.call('CHECK', cluster, 'net1'))).toBeUndefined();
    const address = `${lan(first).IPv4}.${100 + first}`;
    ip(stand.pod, [`rule delete priority 8601 from ${address}`]);
    expect(failure(stand.call('CHECK', cluster, 'net1'))).toBe(
      `rule priority 8601 from ${address}/32 to 10.7.0.0/16 lookup main in the pod: missing`,
    );
    // ADD again keeps its packets in main all the same.
    const way = () => show(stand.pod, 'route', 'get', '10.7.0.20', 'from', `${lan(third).IPv4}.${100 + third}`);
    expect(way()).toMatchObject([{ dev: 'net1' }]);
    expect(failure(stand.call('ADD', cluster, 'net1'))).toBeUndefined();
    expect(way()).toMatchObject([{ dev: 'eth0' }]);
  },
);

test('an address that is kept for the connections that it has keeps its way, and CHECK passes', () => {
  using stand = standOn(`again${count++}`);
  for (const [i, nic] of [eth0, net1].entries()) {
    plug(stand, nic, i);
    ip(stand.pod, [`address add ${lan(i).IPv6}:199/64 dev ${nic.name} nodad`]);
    expect(failure(stand.call('ADD', cluster, nic.name))).toBeUndefined();
  }
  // The kernel brings the routes to their LANs back to main, for as long as the addresses last.
  const ours = () => lasting(stand).filter(line => !line.includes('proto kernel'));
  const before = ours();
  for (const [i, { name }] of [eth0, net1].entries()) {
    ip(stand.pod, [`address change ${lan(i).IPv6}:${100 + i}/64 dev ${name} valid_lft 3600 preferred_lft 0`]);
    expect(failure(stand.call('CHECK', cluster, name))).toBeUndefined();
    expect(failure(stand.call('ADD', cluster, name))).toBeUndefined();
  }
  expect(ours()).toEqual(before);
});

test.each([
  [eth0, 0],
  [net1, 1],
])(
  'the pair is gone and $name has other addresses: after ADD of the second NIC its CHECK passes, and after both CHECK of both',
  (changed, i) => {
    using stand = standOn(`again${count++}`);
    const nics = [eth0, net1];
    for (const [i, nic] of nics.entries()) {
      plug(stand, nic, i);
      expect(failure(stand.call('ADD', cluster, nic.name))).toBeUndefined();
    }
    ip(stand.pod, ['link delete veth0']);
    readdress(stand, changed.name, [addresses(i, 100 + i), addresses(i, 110)], i);
    for (const [i, { name }] of nics.toReversed().entries()) {
      expect(failure(stand.call('ADD', cluster, name))).toBeUndefined();
      for (const { name } of nics.toReversed().slice(0, i + 1))
        expect(failure(stand.call('CHECK', cluster, name))).toBeUndefined();
    }
  },
);

test('what stays is not taken away for a moment', async () => {
  using stand = standOn(`again${count++}`);
  for (const [i, nic] of [eth0, net1].entries()) {
    plug(stand, nic, i);
    expect(failure(stand.call('ADD', more, nic.name))).toBeUndefined();
  }
  using namespace = NetNs.open(stand.pod.path);
  await using events = monitor({ kinds: ['route', 'rule', 'neighbour'], namespaces: [namespace] });
  for (const { name } of [eth0, net1]) expect(failure(stand.call('ADD', cluster, name))).toBeUndefined();
  // Made behind the work, so that nothing of it is still to be told.
  const last = '192.0.2.0/24';
  ip(stand.pod, [`route add unreachable ${last}`]);
  const gone: unknown[] = [];
  for await (const event of events) {
    if (event.type === 'overrun' || event.type === 'synced') throw new Error('changes were lost');
    if (event.kind === 'route' && event.object.dst === last) break;
    if (event.type === 'delete' && event.object.protocol === 86) gone.push(event.object.dst);
  }
  // Of each NIC both.
  expect(gone.sort()).toEqual(['172.20.0.0/16', '172.20.0.0/16', 'fd00:20::/32', 'fd00:20::/32']);
});
