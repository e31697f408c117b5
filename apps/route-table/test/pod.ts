// A pod with two NICs, as a runtime hands it to the second one's chain: eth0 has the default routes, net1 is new.
import type { Result } from '@spider/cni-skel';
import { createNamespace, ip, type Namespace, removeNamespace, run } from '../../../tools/lab/namespace.ts';
import { settle } from '../../../tools/lab/state.ts';

/** What the plugins before made of net1. */
export interface Situation {
  /** ip(8) commands in the pod. */
  readonly commands: readonly string[];
  readonly ips: readonly { readonly address: string; readonly gateway?: string }[];
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[];
}

export interface Pod extends Namespace, Disposable {
  readonly prevResult: Result;
}

export const usual: Situation = {
  commands: ['address add 10.2.0.2/24 dev net1', 'address add fd02::2/64 dev net1'],
  ips: [
    { address: '10.2.0.2/24', gateway: '10.2.0.1' },
    { address: 'fd02::2/64', gateway: 'fd02::1' },
  ],
};

let count = 0;

/** What the plugins before said of it. */
export function resultOf({ ips, routes = [] }: Situation, netns: string): Result {
  return {
    interfaces: [{ name: 'net1', sandbox: netns }],
    ips: ips.map(address => ({ ...address, interface: 0 })),
    routes: [...routes],
  };
}

export function createPod(situation: Situation = usual): Pod {
  const namespace = createNamespace(`table-pod${process.pid}-${count++}`);
  const outside = createNamespace(`${namespace.name}-lan`);
  const nics = ['eth0', 'net1'];
  for (const nic of nics) ip(outside, [`link add ${nic} up type veth peer name ${nic} netns ${namespace.name}`]);
  ip(namespace, [
    ...nics.map(nic => `link set ${nic} up`),
    'address add 10.1.0.2/24 dev eth0',
    'address add fd01::2/64 dev eth0',
    'route add default via 10.1.0.1',
    'route add default via fd01::1',
    ...situation.commands,
  ]);
  settle(namespace);
  return {
    ...namespace,
    prevResult: resultOf(situation, namespace.path),
    [Symbol.dispose]() {
      removeNamespace(namespace);
      removeNamespace(outside);
    },
  };
}

/** The routes of a table, as ip(8) shows them. */
export function routesIn(pod: Namespace, table: string | number): string[] {
  return ['-4', '-6'].flatMap(family => lines(pod, family, 'route', 'show', 'table', String(table)));
}

/** The rules that lead elsewhere than those that each namespace has. */
export function rulesOf(pod: Namespace): string[] {
  return ['-4', '-6'].flatMap(family => lines(pod, family, 'rule').filter(line => !line.includes('from all lookup')));
}

/** All routes and rules, in an order that does not depend on when they were added. */
export function state(pod: Namespace): string[] {
  return [...routesIn(pod, 'all'), ...rulesOf(pod)].toSorted();
}

/** The table to which a rule leads from an address. */
export function tableOf(pod: Namespace, address: string): string {
  const [, table] = rulesOf(pod).flatMap(rule => new RegExp(`from ${address} lookup (\\d+)`).exec(rule) ?? []);
  if (!table) throw new Error(`no rule for ${address}`);
  return table;
}

function lines(pod: Namespace, ...args: string[]): string[] {
  const text = run(['ip', '-netns', pod.name, ...args]);
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}
