import { MacAddress, Prefix } from '@spider/ip';
import type { IPFamily } from '@spider/rtnetlink';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config } from '../config/config.ts';
import { configSchema } from '../config/config.ts';
import type { Facts, Nic, NicRoute, NodeAddress } from '../facts.ts';
import { describe as text } from '../object/text.ts';
import { plan } from './plan.ts';

function configOf(keys: object): Config {
  const result = configSchema['~standard'].validate(keys);
  if (result instanceof Promise || result.issues) throw new Error('the test’s own configuration is wrong');
  return result.value;
}

function nicOf(keys: Partial<Nic>): Nic {
  const none = {
    routes: [],
    ownTables: new Set<IPFamily>(),
    served: new Set<IPFamily>(),
    primary: new Set<IPFamily>(),
  };
  return {
    name: 'eth0',
    kind: 'macvlan',
    index: 2,
    mtu: 1400,
    address: '02:00:00:00:00:07',
    txqueuelen: 1000,
    addresses: [],
    allAddresses: new Set(keys.addresses),
    lans: [],
    ...none,
    ...keys,
  };
}
const onEth0 = (address: string): NodeAddress => ({ address, dev: 'eth0', up: true, forPod: false });

/** No wrong address and no competing route or rule. */
const noRivals = { wrongAddresses: [], contested: { routes: [], rules: [] } };

const dualStack: Facts = {
  nic: nicOf({ addresses: ['10.6.0.100', 'fd00:10:6::100'] }),
  prevResult: {},
  others: [],
  pair: undefined,
  ours: {
    pod: { routes: [], rules: [], neighbours: [], ...noRivals },
    node: { routes: [], neighbours: [], contested: [] },
    attachments: [],
  },
  otherAddresses: new Set(),
  replyMark: undefined,
  rpFilter: new Map([['all', 0]]),
  leftover: undefined,
  node: {
    forwards: true,
    addresses: [onEth0('10.6.0.10'), onEth0('fd00:10:6::10')],
    views: new Map([
      ['10.6.0.100', { source: '10.6.0.10', route: undefined }],
      ['fd00:10:6::100', { source: 'fd00:10:6::10', route: undefined }],
    ]),
  },
};
const attachment = { containerID: 'c1', ifName: 'eth0', network: 'underlay' };
const cidrs = { cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'], service_cidr: ['10.96.0.0/16'] };

test('the plan for a dual-stack NIC reads as the documented datapath', () => {
  const { pair, objects } = plan(configOf(cidrs), dualStack, attachment, 'default/web-0');
  const host = pair!.hostName;
  expect(objects.map(text)).toEqual([
    'sysctl net/ipv4/conf/eth0/arp_notify = 1 in the pod',
    'sysctl net/ipv6/conf/eth0/ndisc_notify = 1 in the pod',
    'link eth0 address 02:00:00:00:00:07 in the pod',
    'sysctl net/ipv4/conf/eth0/rp_filter = 0 in the pod',
    'sysctl net/ipv4/conf/veth0/rp_filter = 0 in the pod',
    'sysctl net/ipv6/conf/veth0/disable_ipv6 = 0 in the pod',
    'link veth0 up in the pod',
    'address 169.254.1.2/32 scope link dev veth0 in the pod',
    `address ${MacAddress.parse(pair!.podAddress).toLinkLocal()}/64 scope link dev veth0 in the pod`,
    `neighbour 169.254.1.1 lladdr ${pair!.hostAddress} dev veth0 in the pod`,
    'route 10.6.0.10/32 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 in the pod',
    'route 169.254.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 in the pod',
    'route 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 in the pod',
    'route 10.96.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 in the pod',
    `neighbour fe80::1 lladdr ${pair!.hostAddress} dev veth0 in the pod`,
    'route fd00:10:6::10/128 via fe80::1 dev veth0 src fd00:10:6::100 in the pod',
    'route fd00:10:244::/56 via fe80::1 dev veth0 src fd00:10:6::100 in the pod',
    `sysctl net/ipv4/conf/${host}/rp_filter = 0 on the node`,
    `sysctl net/ipv6/conf/${host}/disable_ipv6 = 0 on the node`,
    `sysctl net/ipv6/conf/${host}/accept_ra = 0 on the node`,
    `neighbour 10.6.0.100 lladdr ${pair!.podAddress} dev ${host} on the node`,
    `route 10.6.0.100/32 dev ${host} src 10.6.0.10 on the node`,
    `neighbour fd00:10:6::100 lladdr ${pair!.podAddress} dev ${host} on the node`,
    `route fd00:10:6::100/128 dev ${host} src fd00:10:6::10 on the node`,
    `link ${host} altname c1@underlay@eth0 on the node`,
    `link ${host} alias "pod default/web-0" on the node`,
  ]);
});

test('the pair takes the MTU of the NIC', () => {
  expect(plan(configOf({}), dualStack, attachment).pair).toMatchObject({ podName: 'veth0', mtu: 1400 });
});

test('only_hardware plans the hardware address and its announcement, and nothing else', () => {
  const { pair, objects } = plan(
    configOf({ ...cidrs, hardware_prefix: '0a:1b', only_hardware: true }),
    dualStack,
    attachment,
  );
  expect(pair).toBeUndefined();
  // 10.6.0.100 is 0a 06 00 64.
  expect(objects.map(text)).toEqual([
    'sysctl net/ipv4/conf/eth0/arp_notify = 1 in the pod',
    'sysctl net/ipv6/conf/eth0/ndisc_notify = 1 in the pod',
    'link eth0 address 0a:1b:0a:06:00:64 in the pod',
  ]);
});

test('rp_filter disabled plans no such sysctl', () => {
  const { objects } = plan(configOf({ rp_filter: { enabled: false } }), dualStack, attachment);
  expect(objects.map(text).filter(line => line.includes('rp_filter'))).toEqual([]);
});

describe('rp_filter of the pod’s "all"', () => {
  const filters = (value: number, found: Record<string, number>) => {
    const facts = { ...dualStack, rpFilter: new Map(Object.entries(found)) };
    const { objects } = plan(configOf({ rp_filter: { value } }), facts, attachment);
    return objects.map(text).flatMap(line => /conf\/(\w+\/rp_filter = \d) in the pod/.exec(line)?.[1] ?? []);
  };

  test('is never raised: it would take the place of the value of interfaces that are not ours', () => {
    for (const [value, all] of [
      [2, 1],
      [1, 0],
      [2, 2],
    ] as const)
      expect(filters(value, { all, default: 0, net1: 0 })).toEqual([
        `eth0/rp_filter = ${value}`,
        `veth0/rp_filter = ${value}`,
      ]);
  });

  test('is lowered where it is in the way, once those that had more by it have it of their own', () => {
    expect(filters(0, { all: 1, default: 0, net1: 0, net2: 1, net3: 2 })).toEqual([
      'default/rp_filter = 1',
      'net1/rp_filter = 1',
      'all/rp_filter = 0',
      'eth0/rp_filter = 0',
      'veth0/rp_filter = 0',
    ]);
  });
});

const existing = {
  podIndex: 3,
  podAddress: '02:00:00:00:00:01',
  podMtu: 1400,
  hostIndex: 9,
  hostName: 'vethx',
  hostAddress: '02:00:00:00:00:02',
  hostUp: true,
  alias: 'pod default/web-0',
  mtu: 1400,
  linkLocal: 'fe80::1:1/64',
};

test('a pair that was made for another container keeps its names and hardware addresses', () => {
  const planned = plan(configOf(cidrs), { ...dualStack, pair: existing }, attachment);
  expect(planned.pair).toMatchObject({
    hostName: 'vethx',
    hostAddress: '02:00:00:00:00:02',
    podAddress: '02:00:00:00:00:01',
  });
});

test('an end of a pair that differs is set right before anything else, and one that does not is left alone', () => {
  const { pair } = plan(configOf(cidrs), dualStack, attachment);
  const found = { ...existing, ...pair!, hostUp: false, podAddress: '02:00:00:00:00:09' };
  const { objects } = plan(configOf({ ...cidrs, mtu: 1300 }), { ...dualStack, pair: found }, attachment);
  expect(objects.slice(0, 4).map(text)).toEqual([
    'link veth0 mtu 1300 in the pod',
    `link veth0 address ${pair!.podAddress} in the pod`,
    `link ${pair!.hostName} mtu 1300 on the node`,
    `link ${pair!.hostName} up on the node`,
  ]);
  const linkLocal = `${MacAddress.parse(pair!.podAddress).toLinkLocal()}/64`;
  const same = plan(
    configOf(cidrs),
    { ...dualStack, pair: { ...existing, ...pair!, linkLocal, alias: 'container c1' } },
    attachment,
  );
  expect(same.objects.map(text)).toEqual(plan(configOf(cidrs), dualStack, attachment).objects.map(text));
});

test('the node’s route names no source where the node has none that faces the pod', () => {
  const facts: Facts = { ...dualStack, node: { forwards: true, addresses: [], views: new Map() } };
  const routes = plan(configOf({}), facts, attachment)
    .objects.filter(({ place }) => place === 'node')
    .map(text);
  expect(routes.filter(line => line.startsWith('route')).every(line => !line.includes(' src '))).toBe(true);
});

describe('a later NIC, beside one that owns the default route', () => {
  const defaultRoute: NicRoute = {
    table: 'main',
    route: { dst: '0.0.0.0/0', gateway: '10.7.0.1', protocol: 'static', metrics: { mtu: 1400 } },
  };
  const connected: NicRoute = {
    table: 'main',
    route: { dst: '10.7.0.0/16', prefsrc: '10.7.0.5', scope: 'link', protocol: 'kernel' },
  };
  const net1 = nicOf({ name: 'net1', index: 7, addresses: ['10.7.0.5'], routes: [defaultRoute, connected] });
  const eth0Default: NicRoute = { table: 'main', route: { dst: '0.0.0.0/0', gateway: '10.6.0.1' } };
  const eth0 = nicOf({ addresses: ['10.6.0.100'], routes: [eth0Default], served: new Set(['inet']) });
  const later: Facts = { ...dualStack, nic: net1, others: [eth0] };

  test('has a table of its own, its routes there before they leave main, and rules that lead there', () => {
    const { objects } = plan(configOf(cidrs), later, attachment);
    const texts = objects
      .filter(({ kind, place }) => place === 'pod' && (kind === 'route' || kind === 'rule'))
      .map(text);
    expect(texts).toEqual([
      'route 10.6.0.10/32 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 table 8607 in the pod',
      'route 169.254.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 table 8607 in the pod',
      'route 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 table 8607 in the pod',
      'route 10.96.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 table 8607 in the pod',
      'route 10.7.0.0/16 dev net1 src 10.7.0.5 table 8607 in the pod',
      'route 0.0.0.0/0 via 10.7.0.1 dev net1 mtu 1400 table 8607 in the pod',
      'rule priority 8600 from 10.7.0.5/32 lookup 8607 in the pod',
      'rule priority 8601 from 10.6.0.100/32 to 10.7.0.0/16 lookup main in the pod',
      'rule priority 8602 to 10.7.0.0/16 lookup 8607 in the pod',
      'rule priority 32768 from 0.0.0.0/0 lookup 8607 in the pod',
      // So the rollback restores the LAN before the route whose gateway is in it.
      'no route 0.0.0.0/0 via 10.7.0.1 dev net1 mtu 1400 in the pod',
      'no route 10.7.0.0/16 dev net1 src 10.7.0.5 in the pod',
    ]);
  });

  test('keeps the attributes of its routes', () => {
    const { objects } = plan(configOf({}), later, attachment);
    const moved = objects.find(object => object.kind === 'route' && object.wanted.dst === '0.0.0.0/0');
    expect(moved).toMatchObject({ wanted: { table: 8607, gateway: '10.7.0.1', metrics: { mtu: 1400 } } });
  });

  test('is primary in a family in which it alone has the default route', () => {
    const others = [{ ...eth0, routes: [] }];
    const texts = plan(configOf(cidrs), { ...later, others }, attachment).objects.map(text);
    expect(texts).toContain('route 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 in the pod');
    expect(texts.filter(line => line.startsWith('rule') || line.startsWith('no '))).toEqual([]);
  });

  test('stays what it was at its first ADD, when the other NIC is gone', () => {
    const nic = { ...net1, ownTables: new Set(['inet'] as const) };
    const texts = plan(configOf(cidrs), { ...later, nic, others: [] }, attachment).objects.map(text);
    expect(texts).toContain('rule priority 8600 from 10.7.0.5/32 lookup 8607 in the pod');
  });

  test('is primary in a family that no other NIC has', () => {
    const others = [{ ...eth0, addresses: ['fd00:10:6::100'], routes: [] }];
    const texts = plan(configOf(cidrs), { ...later, others }, attachment).objects.map(text);
    expect(texts.filter(line => line.includes('table'))).toEqual([]);
  });

  test('is primary beside another plugin’s NIC from which somebody has taken the default route', () => {
    const link: NicRoute = { table: 'main', route: { dst: '169.254.1.1/32', scope: 'link', protocol: 'boot' } };
    const overlay = { ...eth0, served: new Set<IPFamily>(), routes: [link] };
    const nic = { ...net1, routes: [connected] };
    const texts = plan(configOf(cidrs), { ...later, nic, others: [overlay] }, attachment).objects.map(text);
    expect(texts.filter(line => line.includes('table'))).toEqual([]);
  });

  test('is secondary beside another plugin’s NIC that has no routes yet', () => {
    const byKernel: NicRoute = { table: 'main', route: { dst: '10.6.0.0/16', scope: 'link', protocol: 'kernel' } };
    const unfinished = { ...eth0, served: new Set<IPFamily>(), routes: [byKernel] };
    const nic = { ...net1, routes: [connected] };
    const texts = plan(configOf(cidrs), { ...later, nic, others: [unfinished] }, attachment).objects.map(text);
    expect(texts).toContain('rule priority 8600 from 10.7.0.5/32 lookup 8607 in the pod');
  });

  test('gives another plugin’s NIC a table of its own if that has a route where one of ours comes', () => {
    const toCluster: NicRoute = { table: 'main', route: { dst: '10.244.0.0/16', gateway: '10.244.0.1' } };
    const overlay = { ...eth0, served: new Set<IPFamily>(), routes: [toCluster] };
    const texts = plan(configOf(cidrs), { ...later, others: [overlay] }, attachment).objects.map(text);
    expect(texts).toContain('route 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 in the pod');
    expect(texts).toContain('route 10.244.0.0/16 via 10.244.0.1 dev eth0 table 8602 in the pod');
    expect(texts).toContain('rule priority 8600 from 10.6.0.100/32 lookup 8602 in the pod');
  });

  const reachedInMain = (keys: object, facts: Facts) => {
    const node = { ...later.node, addresses: [onEth0('10.6.0.10'), onEth0('10.7.0.10')] };
    const texts = plan(configOf(keys), { ...facts, node }, attachment).objects.map(text);
    return texts.filter(line => line.includes('dev veth0') && line.includes('metric'));
  };
  const behind = 'route 10.7.0.10/32 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 metric 8607 in the pod';

  test('leaves main to the other where both are in one LAN, but for the node’s addresses behind those of the other', () => {
    const others = [{ ...eth0, addresses: ['10.7.0.4'], routes: [eth0Default, connected] }];
    const texts = plan(configOf(cidrs), { ...later, others }, attachment).objects.map(text);
    expect(texts.filter(line => line.includes('10.7.0.0/16'))).toEqual([
      'route 10.7.0.0/16 dev net1 src 10.7.0.5 table 8607 in the pod',
    ]);
    expect(reachedInMain(cidrs, { ...later, others })).toEqual([behind]);
  });

  test('has the node’s addresses of its LAN through the pair in main where its LAN stays there', () => {
    expect(reachedInMain({ ...cidrs, move_routes: 2 }, later)).toEqual([behind]);
    expect(reachedInMain(cidrs, later)).toEqual([]);
  });

  test('with move_routes 2 leaves its own routes where they are', () => {
    const texts = plan(configOf({ ...cidrs, move_routes: 2 }), later, attachment).objects.map(text);
    expect(texts.filter(line => line.includes('dev net1') && line.includes('route'))).toEqual([]);
    expect(texts).toContain('rule priority 8600 from 10.7.0.5/32 lookup 8607 in the pod');
  });

  test('that default_route names is primary, and the NIC before it gets a table of its own', () => {
    const byOther = {
      dst: '172.20.0.0/16',
      gateway: '169.254.1.1',
      prefsrc: '10.6.0.100',
      table: 254,
      oif: 3,
      onlink: true,
    };
    const common = { family: 'inet', flags: 0, tos: 0, scope: 'global', type: 'unicast', protocol: 86 } as const;
    const ours = { ...later.ours, pod: { ...later.ours.pod, routes: [{ ...common, ...byOther }] } };
    const given = { ...later, pair: existing, ours };
    const texts = plan(configOf({ ...cidrs, default_route: 'net1' }), given, attachment).objects.map(text);
    expect(texts).toContain('route 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 in the pod');
    // The other NIC has a destination from its own configuration.
    expect(texts).toContain(
      'route 172.20.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 table 8602 in the pod',
    );
    expect(texts).toContain('no route 172.20.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 in the pod');
    expect(texts).toContain('route 0.0.0.0/0 via 10.6.0.1 dev eth0 table 8602 in the pod');
    expect(texts).toContain('rule priority 8600 from 10.6.0.100/32 lookup 8602 in the pod');
    expect(texts).toContain('no route 0.0.0.0/0 via 10.6.0.1 dev eth0 in the pod');
    expect(texts.filter(line => line.startsWith('no ') && line.includes('net1'))).toEqual([]);
  });

  test('that default_route names leaves an overlay’s NIC to reach the cluster by itself', () => {
    const others = [{ ...eth0, served: new Set<IPFamily>() }];
    const texts = plan(configOf({ ...cidrs, default_route: 'net1' }), { ...later, others }, attachment).objects.map(
      text,
    );
    expect(texts.filter(line => line.includes('veth0') && line.includes('table'))).toEqual([]);
    expect(texts).toContain('route 0.0.0.0/0 via 10.6.0.1 dev eth0 table 8602 in the pod');
  });

  test('is left alone by a default_route that names another', () => {
    const other = plan(configOf({ ...cidrs, default_route: 'eth0' }), later, attachment);
    expect(other).toEqual(plan(configOf(cidrs), later, attachment));
  });
});

describe('the node’s addresses', () => {
  const addresses = [
    onEth0('10.6.0.10'),
    { address: '10.96.0.1', dev: 'kube-ipvs0', up: false, forPod: false },
    { address: '172.17.0.1', dev: 'docker0', up: true, forPod: false },
    { address: '10.6.0.1', dev: 'vethpod', up: true, forPod: true },
  ];
  const facts: Facts = { ...dualStack, node: { ...dualStack.node, addresses } };
  const reached = (keys: object) =>
    plan(configOf(keys), facts, attachment).objects.flatMap(object =>
      object.kind === 'route' && object.place === 'pod' && object.wanted.dst.endsWith('/32') ? [object.wanted.dst] : [],
    );

  test('are those of links that are up, and of no pod’s gateway', () => {
    expect(reached({})).toEqual(['10.6.0.10/32', '172.17.0.1/32']);
  });

  test.each([
    [{ exclude: ['docker0'] }, ['10.6.0.10/32']],
    [{ exclude: ['172.16.0.0/12'] }, ['10.6.0.10/32']],
    [{ include: ['kube-ipvs0'] }, ['10.6.0.10/32', '10.96.0.1/32', '172.17.0.1/32']],
    [{ include: ['kube-ipvs0'], exclude: ['10.0.0.0/8'] }, ['172.17.0.1/32']],
    [{ include: ['10.6.0.1/32'] }, ['10.6.0.10/32', '172.17.0.1/32', '10.6.0.1/32']],
  ])('with node_addresses %j', (keys, expected) => {
    expect(reached({ node_addresses: keys })).toEqual(expected);
  });
});

const shared = (mtu: number): Facts => ({
  ...dualStack,
  pair: { ...existing, mtu, podMtu: mtu },
  ours: { ...dualStack.ours, attachments: ['c1@underlay@eth0', 'c1@underlay@net1'] },
});

test('routes through a pair that has a greater MTU than the NIC say the NIC’s', () => {
  const texts = plan(configOf(cidrs), shared(9000), attachment).objects.map(text);
  expect(texts).toContain('route 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 mtu 1400 in the pod');
});

test('an MTU too small for the NIC’s IPv6 addresses is refused, be it configured or of a shared pair', () => {
  const refusal = /mtu: 1279 is less than 1280, which the IPv6 addresses of link eth0 need/;
  expect(() => plan(configOf({ mtu: 1279 }), dualStack, attachment)).toThrow(refusal);
  expect(() => plan(configOf({}), shared(1279), attachment)).toThrow(refusal);
  expect(plan(configOf({ mtu: 1280 }), dualStack, attachment).pair?.mtu).toBe(1280);
  const nic = nicOf({ addresses: ['10.6.0.100'] });
  expect(plan(configOf({ mtu: 68 }), { ...dualStack, nic }, attachment).pair?.mtu).toBe(68);
});

test.each(['ipvlan', 'ipvtap'])('hardware_prefix is refused for an %s, which has its parent’s', kind => {
  const nic = { ...dualStack.nic, kind };
  expect(() => plan(configOf({ hardware_prefix: '0a:1b' }), { ...dualStack, nic }, attachment)).toThrow(
    `hardware_prefix: 0a:1b: link eth0 is an ${kind}, which has the hardware address of its parent; leave hardware_prefix out`,
  );
});

test('rp_filter goes to the node’s own interfaces only where set_host says so', () => {
  const onNode = (keys: object) =>
    plan(configOf(keys), dualStack, attachment)
      .objects.filter(({ kind, place }) => kind === 'sysctl' && place === 'node')
      .map(text)
      .filter(line => line.includes('rp_filter') && !line.includes('/veth'));
  expect(onNode({ rp_filter: { value: 2 } })).toEqual([]);
  expect(onNode({ rp_filter: { value: 2, set_host: true } })).toEqual([
    'sysctl net/ipv4/conf/all/rp_filter = 2 on the node',
    'sysctl net/ipv4/conf/eth0/rp_filter = 2 on the node',
  ]);
});

test('mtu and txqueuelen are as configured', () => {
  const { pair, objects } = plan(configOf({ mtu: 1300, txqueuelen: 500 }), dualStack, attachment);
  expect(pair?.mtu).toBe(1300);
  expect(objects).toContainEqual({ kind: 'link', place: 'pod', dev: 'eth0', wanted: { txqueuelen: 500 } });
});

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6().map(text => Prefix.parse(`${text}/128`).first.toString());
const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    own4: fc.uniqueArray(ipv4, { maxLength: 3 }),
    own6: fc.uniqueArray(ipv6, { maxLength: 3 }),
    node: fc.uniqueArray(fc.oneof(ipv4, ipv6), { maxLength: 5 }),
  })
  .filter(({ own4, own6 }) => own4.length + own6.length > 0)
  .map(({ own4, own6, node }) => ({
    ...dualStack,
    nic: { ...dualStack.nic, addresses: [...own4, ...own6] },
    node: { forwards: true, addresses: node.map(onEth0), views: new Map() },
  }));
/** Of the addresses' networks, those that may be configured: not multicast, for example. */
const networks = (addresses: fc.Arbitrary<string>, length: number) =>
  addresses
    .map(text => `${text}/${length}`)
    .filter(cidr => 'value' in configSchema['~standard'].validate({ cluster_cidr: [cidr] }));
const anyConfig = fc
  .record({
    cluster_cidr: fc.array(fc.oneof(networks(ipv4, 16), networks(ipv6, 56)), { maxLength: 4 }),
    service_cidr: fc.array(networks(ipv4, 12), { maxLength: 2 }),
  })
  .map(configOf);

test('whatever the pod and the node have, a family that the pod lacks is left out and every route names a source', () => {
  fc.assert(
    fc.property(anyConfig, anyFacts, (config, facts) => {
      const { objects } = plan(config, facts, attachment);
      const families = new Set(facts.nic.addresses.map(address => address.includes(':')));
      for (const object of objects) {
        if (object.kind !== 'route' || object.place !== 'pod') continue;
        expect(families.has(object.wanted.dst.includes(':'))).toBe(true);
        expect(facts.nic.addresses).toContain(object.wanted.prefsrc);
      }
    }),
  );
});

test('the same input gives the same plan, and no object is planned twice', () => {
  fc.assert(
    fc.property(anyConfig, anyFacts, (config, facts) => {
      const texts = plan(config, facts, attachment).objects.map(text);
      expect(plan(config, facts, attachment).objects.map(text)).toEqual(texts);
      expect(new Set(texts).size).toBe(texts.length);
    }),
  );
});
