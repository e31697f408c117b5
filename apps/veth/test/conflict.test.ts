// ip_conflict: an ADD asks on the link who else has the NIC's addresses, before it changes anything.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createNamespace,
  inside,
  ip,
  type Namespace,
  removeNamespace,
  run,
  show,
  sysctl,
} from '../../../tools/lab/namespace.ts';
import { settle, state } from '../../../tools/lab/state.ts';
import { call, variables } from './call.ts';

const own = { IPv4: '10.6.0.100', IPv6: 'fd00:10:6::100' };
const otherHardware = '02:00:5e:10:00:01';

let node: Namespace;
let pod: Namespace;
let other: Namespace;

/** A node whose bridge is the LAN of a pod and of another host. */
beforeAll(() => {
  node = createNamespace('conflict-node');
  other = createNamespace('conflict-other');
  ip(node, ['link add lan up type bridge mcast_snooping 0', 'address add 10.6.0.1/16 dev lan']);
  plug(other, `address ${otherHardware}`);
});
beforeEach(() => {
  pod = createNamespace('conflict-pod');
  plug(pod);
  give(pod, [`${own.IPv4}/16`, `${own.IPv6}/64`]);
});
afterEach(() => {
  ip(other, ['address flush dev eth0 scope global']);
  // Both ends go now; with the namespace they would go later.
  const links = show<{ ifname: string }>(pod, 'link', 'show').filter(({ ifname }) => ifname !== 'lo');
  for (const { ifname } of links) ip(pod, [`link delete ${ifname}`]);
  removeNamespace(pod);
});
afterAll(() => {
  for (const namespace of [other, node]) removeNamespace(namespace);
});

/** Gives a namespace an interface in the LAN. */
function plug(namespace: Namespace, properties = '', name = 'eth0'): void {
  ip(node, [`link add name port%d master lan up type veth peer name ${name} netns ${namespace.name} ${properties}`]);
  ip(namespace, [`link set ${name} up`]);
}

/** Gives it addresses, of which it tells others as soon as they are not tentative any more. */
function give(namespace: Namespace, addresses: readonly string[]): void {
  ip(
    namespace,
    addresses.map(address => `address add ${address} dev eth0`),
  );
  settle(namespace);
}

interface Answer {
  readonly code?: number;
  readonly msg?: string;
}

/** Asks twice, for 60 ms in all; nobody here takes longer to answer than the kernel takes. */
const careful = { ip_conflict: { enabled: true, interval: '30ms', retries: 2 } };

function add(keys: object = careful): Answer {
  const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', sandbox: pod.path }] };
  const conf = { cniVersion: '1.0.0', name: 'underlay', type: 'veth', prevResult, ...keys };
  return JSON.parse(call(node, variables('ADD', 'conflict', pod.path), conf).stdout);
}

const taken = (address: string) => `address ${address} dev eth0 in the pod: ${otherHardware} on the link has it`;

test('succeeds where nobody else has the addresses, and again where the pod is attached already', () => {
  expect(add().code).toBeUndefined();
  expect(add().code).toBeUndefined();
});

describe('an address that another on the link has too', () => {
  const cases: [string, string[]][] = [
    ['IPv4', [`${own.IPv4}/16`]],
    ['IPv6', [`${own.IPv6}/64`]],
    ['both', [`${own.IPv4}/16`, `${own.IPv6}/64`]],
  ];

  test.each(cases)('%s: is named with the hardware address of the other, and nothing is changed', (_, addresses) => {
    give(other, addresses);
    const before = [state(node), state(pod)];
    const msg = addresses.map(address => taken(address.slice(0, address.indexOf('/')))).join('; ');
    expect(add()).toMatchObject({ code: 103, msg });
    expect([state(node), state(pod)]).toEqual(before);
  });

  test('is found among several of the NIC', () => {
    give(pod, ['10.6.0.101/16', '10.6.0.102/16']);
    give(other, ['10.6.0.102/16']);
    expect(add()).toMatchObject({ code: 103, msg: taken('10.6.0.102') });
  });

  test('is named beside another, of which one answered first', () => {
    give(pod, ['10.6.0.101/16', '10.6.0.102/16']);
    give(other, ['10.6.0.101/16', '10.6.0.102/16']);
    expect(add()).toMatchObject({ code: 103, msg: `${taken('10.6.0.101')}; ${taken('10.6.0.102')}` });
  });

  test('is named among eight of each family, as is every other, and each with the hardware address of its owner', () => {
    const third = createNamespace('conflict-third');
    plug(third, 'address 02:00:00:00:00:33');
    const of = (end: number) => [`10.6.3.${end}`, `fd00:10:6::3:${end}`] as const;
    const put = (namespace: Namespace, ends: readonly number[]) =>
      give(
        namespace,
        ends.flatMap(of).map(text => `${text}/${text.includes(':') ? 64 : 16}`),
      );
    put(pod, [1, 2, 3, 4, 5, 6, 7, 8]);
    put(other, [2, 5]);
    put(third, [8]);
    const before = [state(node), state(pod)];
    const { code, msg } = add();
    const owned = (text: string, hardware: string) =>
      `address ${text} dev eth0 in the pod: ${hardware} on the link has it`;
    const expected = [2, 5].flatMap(of).map(text => owned(text, otherHardware));
    expected.push(...of(8).map(text => owned(text, '02:00:00:00:00:33')));
    expect(code).toBe(103);
    expect(msg?.split('; ').sort()).toEqual(expected.sort());
    expect([state(node), state(pod)]).toEqual(before);
    ip(third, ['link delete eth0']);
    removeNamespace(third);
  });

  test('is named though the pod itself answers too, before the other and after it', () => {
    const third = createNamespace('conflict-third');
    give(other, [`${own.IPv4}/16`]);
    // It answers for every address of the pod.
    plug(pod, '', 'net1');
    plug(third, 'address 02:00:00:00:00:33');
    give(third, [`${own.IPv6}/64`]);
    expect(add()).toMatchObject({ code: 103, msg: expect.stringContaining(taken(own.IPv4)) });
    expect(add()).toMatchObject({
      code: 103,
      msg: expect.stringContaining(`${own.IPv6} dev eth0 in the pod: 02:00:00:00:00:33`),
    });
    ip(third, ['link delete eth0']);
    removeNamespace(third);
  });

  test('is named though it takes its time, after the last probe', () => {
    // Up to 50 hundredths of a second, as chance has it.
    sysctl(other, {
      'net.ipv6.conf.all.forwarding': 1,
      'net.ipv6.conf.eth0.proxy_ndp': 1,
      'net.ipv6.neigh.eth0.proxy_delay': 50,
    });
    ip(other, [`neighbour add proxy ${own.IPv6} dev eth0`]);
    const late = { ip_conflict: { enabled: true, interval: '1s', retries: 1 } };
    expect(add(late)).toMatchObject({ code: 103, msg: taken(own.IPv6) });
    ip(other, [`neighbour delete proxy ${own.IPv6} dev eth0`]);
  });

  test('is named even where the kernel found it out by itself, which never tells who it is', () => {
    give(other, [`${own.IPv6}/64`]);
    sysctl(pod, { 'net.ipv6.conf.eth0.accept_dad': 1, 'net.ipv6.conf.eth0.dad_transmits': 1 });
    ip(pod, [`address delete ${own.IPv6}/64 dev eth0`, `address add ${own.IPv6}/64 dev eth0`]);
    expect(add()).toMatchObject({ code: 103, msg: taken(own.IPv6) });
  });

  test.each([
    ['is left out', {}],
    ['is not enabled', { ip_conflict: { enabled: false } }],
  ])('is no concern where the key %s', (_, keys) => {
    give(other, [`${own.IPv4}/16`]);
    expect(add(keys).code).toBeUndefined();
  });
});

describe('is not mistaken', () => {
  test('about frames that come back from the LAN', () => {
    const [, port] = show<{ ifname: string }>(node, 'link', 'show', 'master', 'lan');
    run(inside(node, ['bridge', 'link', 'set', 'dev', port!.ifname, 'hairpin', 'on']));
    expect(add().code).toBeUndefined();
  });

  test('about another NIC of the pod in the same LAN, which answers for the whole pod', () => {
    plug(pod, '', 'net1');
    ip(pod, ['address add 10.6.0.110/16 dev net1']);
    expect(add().code).toBeUndefined();
  });

  test('about the node, which answers in the pod’s name as a proxy', () => {
    sysctl(node, {
      'net.ipv4.conf.all.forwarding': 1,
      'net.ipv4.conf.lan.proxy_arp': 1,
      'net.ipv6.conf.all.forwarding': 1,
      'net.ipv6.conf.lan.proxy_ndp': 1,
      'net.ipv6.neigh.lan.proxy_delay': 0,
    });
    ip(node, [
      'link add behind up type bridge',
      `route add ${own.IPv4} dev behind`,
      `neighbour add proxy ${own.IPv6} dev lan`,
    ]);
    expect(add().code).toBeUndefined();
    ip(node, [`neighbour delete proxy ${own.IPv6} dev lan`, 'link delete behind']);
  });
});

test('an interface that cannot send is named', () => {
  ip(pod, ['link set eth0 down']);
  expect(add()).toMatchObject({
    code: 100,
    msg: 'ip_conflict: probe on link eth0 in the pod: send: ENETDOWN (Network is down)',
  });
});

test('an interface that is no Ethernet is named', () => {
  ip(pod, ['link delete eth0', 'tuntap add eth0 mode tun', 'link set eth0 up', `address add ${own.IPv4}/16 dev eth0`]);
  expect(add()).toMatchObject({ code: 2, msg: expect.stringContaining('eth0 in the pod: is no Ethernet') });
});
