// An ADD that fails at any step leaves node and pod as they were. The kernel refuses nothing on demand, so each step in
// turn is spoilt on its way to it: a message gets a type that no kernel knows, a sysctl's file is not to be written.
import { Netfilter } from '@spider/netfilter';
import { NetNs } from '@spider/netns';
import { NETLINK_NETFILTER, openSocket, Rtnetlink, type Transport } from '@spider/rtnetlink';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createNamespace,
  inside,
  ip,
  type Namespace,
  removeNamespace,
  run,
  show,
} from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import { apply } from '../src/apply/apply.ts';
import { type Config, configSchema } from '../src/config/config.ts';
import { namesOf } from '../src/names.ts';
import { Nftables } from '../src/nftables.ts';
import { observe } from '../src/observe/observe.ts';
import { plan } from '../src/plan/plan.ts';
import type { Site, Sites } from '../src/sites.ts';

let node: Namespace;
let pod: Namespace;
beforeAll(() => {
  node = createNamespace('rollback-node');
  pod = createNamespace('rollback-pod');
  ip(node, [
    'link add lan up type veth peer name eth0 netns rollback-pod',
    'address add 10.6.0.10/16 dev lan',
    'address add fd00:10:6::10/64 dev lan',
    'link add br0 address 02:00:00:00:00:02 type bridge',
  ]);
  ip(pod, ['link set eth0 up', 'address add 10.6.0.100/16 dev eth0', 'address add fd00:10:6::100/64 dev eth0']);
});
afterAll(() => {
  removeNamespace(pod);
  removeNamespace(node);
});

/** Lets steps pass until its number comes, and spoils that one. */
class Saboteur {
  #left: number;
  constructor(step: number) {
    this.#left = step;
  }
  get spoils(): boolean {
    return this.#left-- === 0;
  }
  /** Spoils no more, and tells whether there was no such step. */
  retire(): boolean {
    const idle = this.#left >= 0;
    this.#left = -1;
    return idle;
  }
}

const RTM_GET = 2;
const unknownType = 0xff;

/** A socket that spoils messages which change something. */
function spoiling(transport: Transport, saboteur: Saboteur): Transport {
  return {
    ...transport,
    send(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let at = 0; at < bytes.length; at += (view.getUint32(at, true) + 3) & ~3) {
        const changes = (view.getUint16(at + 4, true) & 3) !== RTM_GET;
        if (changes && saboteur.spoils) view.setUint16(at + 4, unknownType, true);
      }
      transport.send(bytes);
    },
  };
}

const NFNL_MSG_BATCH_BEGIN = 16;

/** A socket that spoils the first change of a transaction: with it the kernel refuses all of them. */
function spoilingTransactions(transport: Transport, saboteur: Saboteur): Transport {
  return {
    ...transport,
    send(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const first = view.getUint32(0, true);
      const changes = view.getUint16(4, true) === NFNL_MSG_BATCH_BEGIN;
      if (changes && saboteur.spoils) view.setUint8(first + 4, unknownType);
      transport.send(bytes);
    },
  };
}

function siteOf(namespace: NetNs, saboteur: Saboteur): Site {
  const rtnetlink = namespace.run(() => Rtnetlink.open(spoiling(openSocket(), saboteur)));
  const spoilt = Object.create(namespace, {
    fd: { get: () => namespace.fd },
    readSysctl: { value: (key: string) => namespace.readSysctl(key) },
    sysctl: {
      value(key: string) {
        const setting = namespace.sysctl(key);
        const write = (value: string) => {
          if (saboteur.spoils) throw new Error('spoilt');
          setting.write(value);
        };
        return { read: () => setting.read(), write };
      },
    },
  }) as NetNs;
  const nftables = new Nftables(
    Netfilter.open(spoilingTransactions(openSocket(NETLINK_NETFILTER, namespace), saboteur)),
  );
  return { namespace: spoilt, rtnetlink, nftables };
}

const attachment = { containerID: 'c1', ifName: 'eth0', network: 'underlay' };
const later = { containerID: 'c1', ifName: 'net1', network: 'second' };

function configOf(keys: object): Config {
  const result = configSchema['~standard'].validate({
    cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'],
    hardware_prefix: '0a:1b',
    ...keys,
  });
  if (result instanceof Promise || result.issues) throw new Error('the test’s own configuration is wrong');
  return result.value;
}

/** Runs ADD with its step number `step` spoilt. */
function add(
  step: number,
  config = configOf({}),
  about = attachment,
): { succeeded: boolean; undo: () => string[]; idle: boolean } {
  const saboteur = new Saboteur(step);
  const sites = {
    pod: siteOf(NetNs.open(pod.path), saboteur),
    node: siteOf(NetNs.open(node.path), saboteur),
  } as unknown as Sites;
  const undos: (() => unknown)[] = [];
  const rollback = {
    defer: (undo: () => unknown) => void undos.push(undo),
    adopt: <T>(value: T): T => value,
  };
  // As the skeleton does it; tells what could not be undone.
  const undo = () =>
    undos.toReversed().flatMap(step => {
      try {
        step();
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    });
  try {
    const facts = observe(sites, about.containerID, about.ifName);
    apply(plan(config, facts, about), facts, sites, rollback);
    return { succeeded: true, undo, idle: saboteur.retire() };
  } catch {
    return { succeeded: false, undo, idle: saboteur.retire() };
  }
}

const snapshot = () => ({ node: state(node), pod: state(pod) });

/** What succeeds in the end is undone too, but for a pair that is gone: nothing brings it back. */
function failEveryStep(keys: object = {}, isUndone = true, about = attachment): number {
  const config = configOf(keys);
  const before = snapshot();
  let failed = 0;
  for (let step = 0; ; step++) {
    const { succeeded, undo, idle } = add(step, config, about);
    if (!idle || isUndone) {
      expect(undo(), `after step ${step} failed`).toEqual([]);
      expect(snapshot(), `after step ${step} failed`).toEqual(before);
    }
    if (idle) {
      expect(succeeded).toBe(true);
      return failed;
    }
    expect(succeeded, `with step ${step} spoilt`).toBe(false);
    failed++;
  }
}

/** IPv6 replaces the first that has a gateway, and goes by the first of all, or by the one that is preferred. */
const cidr = 'fd00:10:244::/56';
const foreign = [
  [[`${cidr} dev eth0`, `${cidr} via fd00:10:6::7 dev eth0`]],
  [[`${cidr} via fd00:10:6::7 dev eth0`, `${cidr} dev eth0`]],
  [[`blackhole ${cidr}`, `${cidr} via fd00:10:6::7 dev eth0`, `${cidr} dev eth0`]],
  [[`${cidr} via fd00:10:6::7 dev eth0`, `${cidr} dev eth0 pref high`]],
  [['nexthop add id 7 via fd00:10:6::7 dev eth0', `${cidr} nhid 7`, `${cidr} via fd00:10:6::8 dev eth0`]],
  [[`${cidr} dev eth0`, `${cidr} nexthop via fd00:10:6::7 dev eth0 nexthop via fd00:10:6::8 dev eth0`]],
];

describe('an ADD that fails at any step leaves node and pod as they were', () => {
  test('for a new pod', () => {
    // 1 pair, 14 objects in the pod, 5 on the node, and the sysctls that had to be changed.
    expect(failEveryStep()).toBeGreaterThan(20);
  });

  test('where the address still has a route to a sandbox that is not quite gone', () => {
    ip(node, [
      'link add old type bridge',
      'link set old up',
      'route add 10.6.0.100/32 dev old',
      'route add fd00:10:6::100/128 dev old',
    ]);
    expect(failEveryStep()).toBeGreaterThan(20);
    ip(node, ['link delete old']);
  });

  test('for a new pod where something else is in the place of ours already', () => {
    const inPod = [
      'route add 10.244.0.0/16 via 10.6.0.1 dev eth0 src 10.6.0.100 mtu 1300 proto static',
      'route add blackhole 10.6.0.10',
      'route add 169.254.0.0/16 proto bird nexthop via 10.6.0.7 dev eth0 weight 2 nexthop dev off weight 3',
      'route add fd00:10:6::10 dev eth0 proto static',
      'route add fd00:10:244::/56 dev off',
      'route append fd00:10:244::/56 proto bird nexthop via fd00:10:6::7 dev eth0 nexthop via fd00:10:6::8 dev eth0',
    ];
    // A link without a carrier: of paths the kernel tells that, and does not take it.
    ip(pod, ['link add off up type veth peer name other', ...inPod]);
    ip(node, [
      'route add blackhole 10.6.0.100',
      'route add unreachable fd00:10:6::100',
      'route append fd00:10:6::100 via fd00:10:6::9 dev lan',
    ]);
    expect(failEveryStep()).toBeGreaterThan(24);
    ip(
      pod,
      inPod.toReversed().map(line => line.replace(/ (add|append) /, ' delete ')),
    );
    ip(pod, ['link delete off']);
    ip(node, [
      'route delete blackhole 10.6.0.100',
      'route delete unreachable fd00:10:6::100',
      'route delete fd00:10:6::100 via fd00:10:6::9 dev lan',
    ]);
  });

  test.each(foreign)('for a new pod where these have the place of one of ours: %s', routes => {
    const commands = routes.map(route => (route.startsWith('nexthop') ? route : `route append ${route}`));
    ip(pod, commands);
    expect(failEveryStep()).toBeGreaterThan(20);
    const { succeeded, undo } = add(Number.MAX_SAFE_INTEGER);
    expect(succeeded).toBe(true);
    expect(show(pod, 'route', 'get', 'fd00:10:244::1')).toMatchObject([{ dev: 'veth0' }]);
    undo();
    run(inside(pod, ['ip', 'nexthop', 'flush']));
    run(inside(pod, ['ip', '-6', 'route', 'flush', cidr]));
  });

  test('where the address has a route that no look-up finds', () => {
    ip(node, [
      'link set br0 up',
      'rule add priority 100 lookup 100',
      'route add 10.6.0.0/16 dev br0 table 100',
      'route add 10.6.0.100 dev br0',
    ]);
    expect(failEveryStep()).toBeGreaterThan(20);
    ip(node, [
      'rule delete priority 100',
      'route flush table 100',
      'route delete 10.6.0.100 dev br0',
      'link set br0 down',
    ]);
  });

  test('where replies shall find the pair', () => {
    // Beside those of any ADD a sysctl, two routes, two rules and the transaction.
    expect(failEveryStep({ reply_path: {} })).toBeGreaterThan(26);
  });

  test('for a pod that has its pair already', () => {
    // With more than is wanted now.
    const before = configOf({ additional_cidr: ['172.20.0.0/16', 'fd00:20::/32'], reply_path: {} });
    expect(add(Number.MAX_SAFE_INTEGER, before).succeeded).toBe(true);
    // What was for an address that the pod has no more.
    const host = namesOf(attachment.containerID).hostName;
    ip(node, [
      `route add 10.6.0.99/32 dev ${host} proto 86`,
      `neighbour add 10.6.0.99 lladdr 02:00:00:00:00:99 dev ${host} nud permanent protocol 86`,
      `link set ${host} mtu 1400`,
    ]);
    // Something of it is gone, something was changed.
    ip(pod, ['route delete 10.244.0.0/16', 'route replace 10.6.0.10/32 via 169.254.1.1 dev veth0 onlink proto 86']);
    expect(failEveryStep()).toBeGreaterThan(20);
  });

  test('for a pod where routes of others, by whatever device, are in the place that ours get', () => {
    const routes = ['172.22.0.0/16 via 10.6.0.1 dev eth0', '172.23.0.0/16 dev lo'];
    ip(
      pod,
      routes.map(route => `route add ${route}`),
    );
    expect(failEveryStep({ additional_cidr: ['172.22.0.0/16', '172.23.0.0/16'] })).toBeGreaterThan(20);
    ip(
      pod,
      routes.map(route => `route delete ${route}`),
    );
  });

  test('for a pod whose pair has other hardware addresses by now, and no alias', () => {
    const host = namesOf(attachment.containerID).hostName;
    ip(node, [`link set ${host} address 02:00:00:00:00:01`, `link set ${host} alias ""`]);
    ip(pod, ['link set veth0 address 02:00:00:00:00:02']);
    expect(failEveryStep()).toBeGreaterThan(20);
  });

  test('for a pod where something else is in the place of ours', () => {
    expect(add(Number.MAX_SAFE_INTEGER, configOf({ reply_path: {} })).succeeded).toBe(true);
    const host = namesOf(attachment.containerID).hostName;
    ip(node, ['route prepend 10.6.0.100 dev lan', `link set ${host} master br0`]);
    ip(pod, [
      'route prepend 10.244.0.0/16 via 10.6.0.1 dev eth0',
      'route prepend 10.6.0.10 dev veth0',
      // In the place of ours, which is gone.
      'route replace 169.254.0.0/16 via 10.6.0.1 dev eth0 mtu 1300',
      // IPv6 has no prepending.
      'route delete fd00:10:244::/56',
      'route add fd00:10:244::/56 dev eth0',
      'route append fd00:10:244::/56 via fe80::1 dev veth0 src fd00:10:6::100 proto 86',
      'address add 169.254.1.9/32 dev veth0',
      'address delete 169.254.1.2/32 dev veth0',
      'address add 169.254.1.2/32 dev veth0 scope global',
      'address delete 169.254.1.9/32 dev veth0',
      'rule delete priority 8599',
      'rule add priority 8599 fwmark 0x20000000/0x20000000 lookup 8600',
    ]);
    expect(failEveryStep({ reply_path: {} })).toBeGreaterThan(20);
    // Of those with the same key the kernel goes by the first, which it was before.
    expect(show(pod, 'route', 'get', '10.244.0.1')).toMatchObject([{ dev: 'eth0' }]);
    expect(show(pod, 'route', 'get', 'fd00:10:244::1')).toMatchObject([{ dev: 'eth0' }]);
    expect(show(node, 'route', 'get', '10.6.0.100')).toMatchObject([{ dev: 'lan' }]);
  });

  test('for a pod that is to have no pair any more', () => {
    // The hardware address, what was for replies, all routes and neighbours, and the pair.
    expect(failEveryStep({ only_hardware: true }, false)).toBeGreaterThan(12);
    expect(snapshot().node.links.join()).not.toContain('veth0');
  });

  test('for a pair whose MTU becomes too small for IPv6, which takes its settings', () => {
    ip(pod, ['address delete fd00:10:6::100/64 dev eth0']);
    expect(add(Number.MAX_SAFE_INTEGER).succeeded).toBe(true);
    expect(failEveryStep({ mtu: 1200 })).toBeGreaterThan(10);
    expect(add(Number.MAX_SAFE_INTEGER, configOf({ only_hardware: true })).succeeded).toBe(true);
    ip(pod, ['address add fd00:10:6::100/64 dev eth0']);
  });

  test('for a later NIC', () => {
    ip(pod, ['route add default via 10.6.0.1', 'route add default via fd00:10:6::1']);
    expect(add(Number.MAX_SAFE_INTEGER).succeeded).toBe(true);
    ip(node, [
      'link add lan1 up type veth peer name net1 netns rollback-pod',
      'address add 10.7.0.10/16 dev lan1',
      'address add fd00:10:7::10/64 dev lan1',
    ]);
    ip(pod, [
      'link set net1 up',
      'address add 10.7.0.100/16 dev net1',
      'address add fd00:10:7::100/64 dev net1',
      'route add 10.30.0.0/16 via 10.7.0.9 mtu 1300 advmss 1000',
      'route add fd00:30::/32 via fd00:10:7::9',
    ]);
    // Of each family a LAN and a route move, and four rules lead there, beside what a first one has.
    expect(failEveryStep({}, true, later)).toBeGreaterThan(30);
  });

  test('for a NIC that had another configuration before', () => {
    const before = configOf({ mtu: 1400, additional_cidr: ['172.20.0.0/16'], txqueuelen: 500 });
    expect(add(Number.MAX_SAFE_INTEGER, before, later).succeeded).toBe(true);
    const now = { hardware_prefix: '0e:1b', default_route: 'net1', txqueuelen: 700 };
    expect(failEveryStep(now, true, later)).toBeGreaterThan(30);
  });

  test('but for what the kernel will not have again, which is named', () => {
    ip(pod, [
      'link add gone up type bridge',
      'route replace 10.244.0.0/16 dev gone',
      'route replace blackhole 10.6.0.10',
    ]);
    const { succeeded, undo } = add(Number.MAX_SAFE_INTEGER);
    expect(succeeded).toBe(true);
    ip(pod, ['link delete gone']);
    expect(undo()).toEqual([expect.stringMatching(/^pod: route\.replace \{.*dst: 10\.244\.0\.0\/16.*\}: ENODEV/)]);
    expect(show(pod, 'route', 'show', '10.6.0.10')).toMatchObject([{ type: 'blackhole' }]);
  });
});
