import { Prefix } from '@spider/ip';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config } from '../config/config.ts';
import { configSchema } from '../config/config.ts';
import type { Facts } from '../facts.ts';
import { describe as text } from '../object.ts';
import { plan } from './plan.ts';

function configOf(keys: object): Config {
  const result = configSchema['~standard'].validate(keys);
  if (result instanceof Promise || result.issues) throw new Error('the test’s own configuration is wrong');
  return result.value;
}

const dualStack: Facts = {
  nic: {
    name: 'eth0',
    index: 2,
    mtu: 1400,
    address: '02:00:00:00:00:07',
    addresses: ['10.6.0.100', 'fd00:10:6::100'],
    routes: [],
    ownTables: new Set(),
  },
  others: { inet: { haveAddress: false, haveDefault: false }, inet6: { haveAddress: false, haveDefault: false } },
  pair: undefined,
  leftover: undefined,
  node: {
    addresses: ['10.6.0.10', 'fd00:10:6::10'],
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
    'sysctl net/ipv4/conf/all/rp_filter = 0 in the pod',
    'sysctl net/ipv4/conf/eth0/rp_filter = 0 in the pod',
    'sysctl net/ipv4/conf/veth0/rp_filter = 0 in the pod',
    'sysctl net/ipv6/conf/veth0/disable_ipv6 = 0 in the pod',
    'link veth0 up in the pod',
    'address 169.254.1.2/32 scope link dev veth0 in the pod',
    `neighbour 169.254.1.1 lladdr ${pair!.hostAddress} dev veth0 in the pod`,
    'route 10.6.0.10/32 via 169.254.1.1 dev veth0 onlink src 10.6.0.100 in the pod',
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

test('an existing pair keeps its names and hardware addresses', () => {
  const pair = {
    podIndex: 3,
    podAddress: '02:00:00:00:00:01',
    hostIndex: 9,
    hostName: 'vethx',
    hostAddress: '02:00:00:00:00:02',
    alias: 'pod default/web-0',
  };
  const planned = plan(configOf(cidrs), { ...dualStack, pair }, attachment);
  expect(planned.pair).toMatchObject({
    hostName: 'vethx',
    hostAddress: '02:00:00:00:00:02',
    podAddress: '02:00:00:00:00:01',
  });
});

test('the node’s route names no source where the node has none that faces the pod', () => {
  const facts: Facts = { ...dualStack, node: { addresses: [], views: new Map() } };
  const routes = plan(configOf({}), facts, attachment)
    .objects.filter(({ place }) => place === 'node')
    .map(text);
  expect(routes.filter(line => line.startsWith('route')).every(line => !line.includes(' src '))).toBe(true);
});

describe('a later NIC, beside one that owns the default route', () => {
  const later: Facts = {
    ...dualStack,
    nic: {
      name: 'net1',
      index: 7,
      mtu: 1500,
      address: '02:00:00:00:00:08',
      addresses: ['10.7.0.5'],
      ownTables: new Set(),
      routes: [
        {
          table: 'main',
          connected: false,
          route: { dst: '0.0.0.0/0', gateway: '10.7.0.1', protocol: 'static', metrics: { mtu: 1400 } },
        },
        {
          table: 'main',
          connected: true,
          route: { dst: '10.7.0.0/16', prefsrc: '10.7.0.5', scope: 'link', protocol: 'kernel' },
        },
      ],
    },
    others: { inet: { haveAddress: true, haveDefault: true }, inet6: { haveAddress: true, haveDefault: true } },
  };

  test('has a table of its own, its routes there before they leave main, and a rule that leads there', () => {
    const { objects } = plan(configOf(cidrs), later, attachment);
    const texts = objects
      .filter(({ kind, place }) => place === 'pod' && (kind === 'route' || kind === 'rule'))
      .map(text);
    expect(texts).toEqual([
      'route 10.6.0.10/32 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 table 8607 in the pod',
      'route 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 table 8607 in the pod',
      'route 10.96.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 table 8607 in the pod',
      'route 10.7.0.0/16 dev net1 src 10.7.0.5 table 8607 in the pod',
      'route 0.0.0.0/0 via 10.7.0.1 dev net1 table 8607 in the pod',
      'rule priority 8600 from 10.7.0.5/32 lookup 8607 in the pod',
      'no route 0.0.0.0/0 via 10.7.0.1 dev net1 in the pod',
    ]);
  });

  test('keeps the attributes of its routes', () => {
    const { objects } = plan(configOf({}), later, attachment);
    const moved = objects.find(object => object.kind === 'route' && object.wanted.dst === '0.0.0.0/0');
    expect(moved).toMatchObject({ wanted: { table: 8607, gateway: '10.7.0.1', metrics: { mtu: 1400 } } });
  });

  test('is primary in a family in which it alone has the default route', () => {
    const others = { ...later.others, inet: { haveAddress: true, haveDefault: false } };
    const texts = plan(configOf(cidrs), { ...later, others }, attachment).objects.map(text);
    expect(texts).toContain('route 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.5 in the pod');
    expect(texts.filter(line => line.startsWith('rule') || line.startsWith('no '))).toEqual([]);
  });

  test('stays what it was at its first ADD, when the other NIC is gone', () => {
    const others = { ...later.others, inet: { haveAddress: false, haveDefault: false } };
    const nic = { ...later.nic, ownTables: new Set(['inet'] as const) };
    const texts = plan(configOf(cidrs), { ...later, nic, others }, attachment).objects.map(text);
    expect(texts).toContain('rule priority 8600 from 10.7.0.5/32 lookup 8607 in the pod');
  });

  test('is primary in a family that no other NIC has', () => {
    const others = { ...later.others, inet: { haveAddress: false, haveDefault: false } };
    const texts = plan(configOf(cidrs), { ...later, others }, attachment).objects.map(text);
    expect(texts.filter(line => line.includes('table'))).toEqual([]);
  });
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
    node: { addresses: node, views: new Map() },
  }));
const anyConfig = fc
  .record({
    cluster_cidr: fc.array(
      fc.oneof(
        ipv4.map(text => `${text}/16`),
        ipv6.map(text => `${text}/56`),
      ),
      { maxLength: 4 },
    ),
    service_cidr: fc.array(
      ipv4.map(text => `${text}/12`),
      { maxLength: 2 },
    ),
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
