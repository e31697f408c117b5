// Calls that are killed, at each of their messages to the kernel and at each of their writes. The call that comes next
// leaves node and pod as if nothing had been killed.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNamespace, ip, type Namespace, removeNamespace, sysctl } from '../../../tools/lab/namespace.ts';
import { settle, state } from '../../../tools/lab/state.ts';
import { executable, runIn, variables } from './call.ts';

let node: Namespace;
let pod: Namespace;

/** The last is plugged in under a container ID of its own. */
const nics = ['eth0', 'net1', 'net2'] as const;
type Nic = (typeof nics)[number];
const containerOf = (nic: Nic) => (nic === 'net2' ? 'plugged' : 'killed');

/** A node with a LAN for each, and a pod that can have a NIC in each. */
beforeAll(() => {
  node = createNamespace('killed-node');
  pod = createNamespace('killed-pod');
  // What an ADD made of it, no DEL could tell.
  sysctl(pod, { 'net.ipv4.conf.all.rp_filter': 0 });
  for (const i of nics.keys())
    ip(node, [
      `link add lan${i} up address 02:00:00:00:00:1${i} type bridge`,
      `address add 10.${i}.0.1/16 dev lan${i}`,
      `address add fd00:${i}::1/64 dev lan${i}`,
    ]);
});
afterAll(() => {
  for (const namespace of [pod, node]) removeNamespace(namespace);
});

/** What the plugin before veth does: each time a NIC that is the same in all the kernel tells of it. */
function plug(nic: Nic): void {
  const i = nics.indexOf(nic);
  const peer = `peer name ${nic} index ${2000 + i} address 02:00:00:00:00:2${i} netns ${pod.name}`;
  ip(node, [`link add port${i} index ${1000 + i} address 02:00:00:00:00:3${i} master lan${i} up type veth ${peer}`]);
  ip(pod, [
    `link set ${nic} up`,
    `address add 10.${i}.0.2/16 dev ${nic}`,
    `address add fd00:${i}::2/64 dev ${nic}`,
    `route append default via 10.${i}.0.1 dev ${nic}`,
    `route append default via fd00:${i}::1 dev ${nic}`,
  ]);
  for (const namespace of [node, pod]) settle(namespace);
}

function unplug(nic: Nic): void {
  ip(pod, [`link delete ${nic}`]);
}

/** A system call, and which of them in the order in which they are made. */
interface Moment {
  readonly call: string;
  readonly at: number;
}

/** Calls the plugin about a NIC, under strace(1) if options for that are given; with GC the others are valid. */
function veth(command: string, nic: Nic, strace?: readonly string[]): number | null {
  const { CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME, ...env } = variables(command, containerOf(nic), pod.path, nic);
  const valid = nics.filter(other => other !== nic).map(ifname => ({ containerID: containerOf(ifname), ifname }));
  const [about, keys] =
    command === 'GC'
      ? [{}, { 'cni.dev/valid-attachments': valid }]
      : [
          { CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME },
          { prevResult: { interfaces: [{ name: nic, sandbox: pod.path }] } },
        ];
  const conf = {
    cniVersion: '1.1.0',
    name: 'underlay',
    type: 'veth',
    cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'],
    // What takes it away need not be told of it: the configuration may have changed since.
    ...((command === 'ADD' || command === 'CHECK') && { reply_path: {} }),
    ...keys,
  };
  const prefix = strace ? ['strace', '--follow-forks', '--quiet=all', `--trace=${calls}`, ...strace] : [];
  const { status, stdout } = runIn(node, [...prefix, executable], {
    env: { PATH: process.env['PATH'], ...env, ...about } as Record<string, string>,
    input: JSON.stringify(conf),
  });
  if (status !== null && status !== 0) throw new Error(`${command} ${nic}: ${stdout}`);
  return status;
}

/** Those by which something changes: messages to the kernel, settings, and the answer. */
const calls = 'sendto,pwrite64,write';

/** The moments at which a call that runs to its end has changed something, and not yet what it changes next. */
function momentsOf(command: string, nic: Nic): Moment[] {
  const file = '/run/killed.strace';
  veth(command, nic, [`--output=${file}`]);
  const counts = new Map<string, number>();
  let changed = false;
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, call] = /^\d+ +(\w+)\(/.exec(line) ?? [];
      if (!call) return [];
      const at = (counts.get(call) ?? 0) + 1;
      counts.set(call, at);
      const moment = changed ? [{ call, at }] : [];
      changed = !isQuestion(line);
      return moment;
    });
}

/** Of rtnetlink's messages the type tells; strace knows its name, or its number alone. */
function isQuestion(line: string): boolean {
  const [, type = ''] = /nlmsg_type=(\w+)/.exec(line) ?? [];
  return type.startsWith('RTM_GET') || (Number(type) & 3) === 2;
}

/** Calls the plugin, and kills it as it makes a system call, which does not come to pass. */
function kill(command: string, nic: Nic, { call, at }: Moment): void {
  const status = veth(command, nic, ['--output=/dev/null', `--inject=${call}:signal=KILL:when=${at}`]);
  expect(status, `killed at ${call} ${at}`).toBeNull();
}

/** All that node and pod have, but for the numbers of the pair's ends. */
function snapshot(): string[] {
  return Object.entries({ node, pod }).flatMap(([place, namespace]) =>
    Object.values(state(namespace))
      .flat()
      .map(line => `${place}: ${line.replace(/^\d+: (veth\w+)(@if\d+)?/, '$1')}`)
      .sort(),
  );
}

function attach(nic: Nic): void {
  plug(nic);
  veth('ADD', nic);
}

/** A call that is killed, and what the pod has before it. */
interface Scene {
  readonly command: 'ADD' | 'DEL' | 'GC';
  readonly nic: Nic;
  readonly attached: readonly Nic[];
  /** The calls that may come next. */
  readonly next: readonly ('ADD' | 'DEL' | 'GC')[];
}

const scenes: Readonly<Record<string, Scene>> = {
  'ADD of a first NIC': { command: 'ADD', nic: 'eth0', attached: [], next: ['ADD', 'DEL'] },
  'ADD of a later NIC': { command: 'ADD', nic: 'net1', attached: ['eth0'], next: ['ADD', 'DEL'] },
  'ADD of a NIC that is plugged in': { command: 'ADD', nic: 'net2', attached: ['eth0'], next: ['ADD', 'DEL'] },
  'DEL of a later NIC': { command: 'DEL', nic: 'net1', attached: ['eth0', 'net1'], next: ['DEL', 'GC'] },
  'DEL of a first NIC': { command: 'DEL', nic: 'eth0', attached: ['eth0', 'net1'], next: ['DEL', 'GC'] },
  'DEL of the last NIC': { command: 'DEL', nic: 'eth0', attached: ['eth0'], next: ['ADD', 'DEL'] },
  'GC of a later NIC': { command: 'GC', nic: 'net1', attached: ['eth0', 'net1'], next: ['DEL', 'GC'] },
};

describe.each(Object.entries(scenes))('%s, killed at any moment', (_, { command, nic, attached, next }) => {
  /** Does something with what is attached before, then all that may come after it, and tells what there is then. */
  function outcome(last: string, first: () => void): string[] {
    for (const each of attached) attach(each);
    if (!attached.includes(nic)) plug(nic);
    first();
    veth(last, nic);
    if (last === 'ADD') veth('CHECK', nic);
    else unplug(nic);
    const left = snapshot();
    for (const each of nics) veth('DEL', each);
    for (const each of new Set(last === 'ADD' ? [...attached, nic] : attached.filter(each => each !== nic)))
      unplug(each);
    return left;
  }

  test.each(next)('is made good by %s', last => {
    let moments: Moment[] = [];
    const expected = outcome(last, () => {
      moments = momentsOf(command, nic);
    });
    expect(moments.length).toBeGreaterThan(0);
    for (const moment of moments)
      expect(
        outcome(last, () => kill(command, nic, moment)),
        `killed at ${moment.call} ${moment.at}`,
      ).toEqual(expected);
  });
});
