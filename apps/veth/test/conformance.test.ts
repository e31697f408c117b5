// The conformance kit of @spider/cni-skel against the compiled plugin: what the SPEC asks of every plugin.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { conformance } from '@spider/cni-skel/testing';
import { test } from 'vitest';
import { forward } from '../../../tools/lab/lan.ts';
import { createNamespace, inside, ip, type Namespace, removeNamespace, run } from '../../../tools/lab/namespace.ts';
import { veth } from '../../../tools/lab/networks.ts';
import { executable } from './call.ts';

const node = createNamespace('conformance-node');
ip(node, [
  'link add lan up type veth peer name wire',
  'link set wire up',
  'address add 10.6.0.10/16 dev lan',
  'address add fd00:10:6::10/64 dev lan',
]);

forward(node);

let count = 0;
/** In 10.6.1.0/24; whatever has another name than our pods has none of their numbers. */
const addressOf = (netns: string) => `10.6.1.${Number(/\d+$/.exec(netns)?.[0] ?? 0)}`;

/** A pod whose eth0 is a macvlan in the node's LAN. */
function createPod(): Namespace {
  const pod = createNamespace(`conformance-pod${++count}`);
  ip(node, [`link add link lan name eth0 netns ${pod.name} type macvlan mode bridge`]);
  ip(pod, ['link set eth0 up', `address add ${addressOf(pod.path)}/16 dev eth0`, 'route add default via 10.6.0.1']);
  return pod;
}

/**
 * What is there, without what the kernel adds of itself once a link has carrier, some time after ADD. Nor are the pod's
 * sysctls in it: what they were before, DEL cannot know without a file.
 */
function lasting(namespace: Namespace): string[] {
  const asked = ['link', 'address', 'route list table all', 'rule', 'neighbour list nud permanent'].join('\n');
  const lines = ['-4', '-6'].flatMap(family =>
    run(['ip', '-netns', namespace.name, family, '-oneline', '-batch', '-'], asked).split('\n'),
  );
  return lines
    .filter(line => !/\bproto kernel\b|\binet6 fe80:/.test(line))
    .map(line => line.replace(/NO-CARRIER,|,LOWER_UP| state \S+| linkdown/g, ''));
}

const cases = conformance(executable, {
  kind: 'chained',
  conf: veth,
  exec: inside(node, []),
  netns() {
    const pod = createPod();
    return { path: pod.path, [Symbol.asyncDispose]: async () => removeNamespace(pod) };
  },
  prevResult: netns => ({
    interfaces: [{ name: 'eth0', sandbox: netns }],
    ips: [{ address: `${addressOf(netns)}/16`, gateway: '10.6.0.1', interface: 0 }],
    routes: [{ dst: '0.0.0.0/0' }],
  }),
  snapshot: netns => [lasting(node), existsSync(netns) && lasting({ name: basename(netns), path: netns })],
  damage: async netns => ip({ name: basename(netns), path: netns }, ['link delete veth0']),
  // The version whose results are the poorest, and the one that asks the most.
  versions: ['0.2.0', '1.1.0'],
});

for (const { name, run: check } of cases) test(name, check);
