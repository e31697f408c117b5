// `veth reconcile` gives running pods what an ADD would give them now.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import { addLan, addressesIn, lanOf, plug } from '../../../../tools/lab/lan.ts';
import {
  createNamespace,
  inside,
  ip,
  type Namespace,
  removeNamespace,
  show,
  sysctl,
} from '../../../../tools/lab/namespace.ts';
import { underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { createPod, type Nic, type Pod, runtime } from '../../../../tools/lab/pod.ts';
import { state } from '../../../../tools/lab/state.ts';
import type { Reconciled } from '../../src/cli/reconcile/reconcile.ts';
import { namesOf } from '../../src/names.ts';
import { type Answer, executable } from '../call.ts';
import { veth, vethJson } from './call.ts';

let lab: Lab;
/** It has two NICs, of the networks `underlay` and `storage`. */
let pod: Pod;
let host: string;
/** Where the runtime of the lab's node keeps its attachments. */
let cache: string;
beforeAll(async () => {
  lab = await createLab('rec-');
  const { gateway, node, lan } = lab;
  const second = lanOf('lan2', 7);
  addLan(gateway, second);
  plug(node, 'eth1', gateway, second, addressesIn(second, 10));
  pod = await createPod(node, 'rec-pod', {
    eth0: underlay(node, lan.ranges, [vethConf]),
    net1: underlay(node, second.ranges, [vethConf], { name: 'storage', master: 'eth1' }),
  });
  host = namesOf(pod.nics[0]!.attachment.containerID).hostName;
  cache = `/run/cni/${node.name}/results`;
});

const reconcile = (...args: string[]): Answer => veth(lab.node, ['reconcile', '--cache', cache, ...args]);
const reconciled = (...args: string[]) =>
  vethJson<Reconciled[]>(lab.node, ['reconcile', '--cache', cache, ...args]).map(({ ifName, changes, error }) => ({
    ifName,
    changes: changes.map(({ action, text }) => `${action} ${text}`),
    error,
  }));
const unchanged = ['eth0', 'net1'].map(ifName => ({ ifName, changes: [], error: undefined }));
const states = () => [state(lab.node), state(pod)];

test('what is as configured is not touched', () => {
  const before = states();
  expect(reconcile()).toEqual({ status: 0, stdout: '2 attachments: as configured\n', stderr: '' });
  expect(states()).toEqual(before);
});

describe('what differs is put right, and nothing else', () => {
  const inPod =
    (...commands: string[]) =>
    () =>
      ip(pod, commands);
  const onNode = (command: (host: string) => string) => () => ip(lab.node, [command(host)]);
  const damages: readonly [string, () => void][] = [
    ['a route of the first NIC that is missing', inPod('route delete 10.96.0.0/16')],
    ['a route of the second NIC that is missing', inPod('route delete 10.96.0.0/16 table 8604')],
    ['a route with another source', inPod('route replace 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink')],
    ['a rule that is missing', inPod('rule delete priority 8602')],
    [
      'a neighbour with another hardware address',
      inPod('neighbour replace fe80::1 lladdr 02:00:00:00:00:01 dev veth0'),
    ],
    ['a setting', () => sysctl(pod, { 'net.ipv4.conf.veth0.rp_filter': 1 })],
    ['the node’s route to the pod', () => ip(lab.node, [`route delete ${pod.addresses.IPv4}`])],
    ['the node’s end, which is down', onNode(host => `link set ${host} down`)],
    ['the pod’s end, which is down', inPod('link set veth0 down')],
    ['the name of an attachment', onNode(host => `link property del dev ${host} altname ${nameOf(pod.nics[1]!)}`)],
    ['the alias of the pair', onNode(host => `link set dev ${host} alias nobody`)],
  ];
  const nameOf = ({ attachment: { containerID, ifName }, network: { name } }: Nic) =>
    `${containerID}@${name}@${ifName}`;

  test.each(damages)('%s', (_, damage) => {
    const before = states();
    damage();
    const damaged = states();
    expect(damaged).not.toEqual(before);
    const { status, stdout } = reconcile('--dry-run');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^[+~-] /m);
    expect(states()).toEqual(damaged);
    expect(reconcile()).toMatchObject({ status: 0, stderr: '' });
    expect(states()).toEqual(before);
    expect(reconciled()).toEqual(unchanged);
  });
});

test.each([
  ['the pod’s end', () => ip(pod, ['link delete veth0'])],
  ['the node’s end', () => ip(lab.node, [`link delete ${host}`])],
])('a pair of which somebody deleted %s is made anew, for all NICs', (_, damage) => {
  damage();
  const { status, stdout } = reconcile('--pod', pod.nics[0]!.attachment.containerID.slice(0, 12));
  expect(status).toBe(0);
  expect(stdout).toContain(`\n+ link ${host} on the node, its peer veth0 in the pod, mtu 1500\n`);
  expect(stdout).toMatch(/^2 attachments: 2 changed$/m);
  expect(veth(lab.node, ['inspect']).status).toBe(0);
  expect(reconciled()).toEqual(unchanged);
});

test('a pair is made anew at once also for a NIC with a table of its own, that is the only one left', async () => {
  const { node, lan } = lab;
  const second = lanOf('lan2', 7);
  const left = await createPod(node, 'rec-left', {
    eth0: underlay(node, lan.ranges, [vethConf]),
    net1: underlay(node, second.ranges, [vethConf], { name: 'storage', master: 'eth1' }),
  });
  const [first, last] = left.nics;
  await runtime(node).del(first!.network, first!.attachment);
  const before = veth(node, ['inspect', '--netns', left.path]).stdout;
  ip(left, ['link delete veth0']);
  expect(reconcile('--netns', left.path).stdout).toMatch(/^1 attachment: 1 changed$/m);
  expect(reconcile('--netns', left.path).stdout).toBe('1 attachment: as configured\n');
  expect(veth(node, ['inspect', '--netns', left.path]).stdout).toBe(before);
  await runtime(node).del(last!.network, last!.attachment);
});

test('pods follow the addresses of their node', () => {
  const before = states();
  ip(lab.node, ['address add 10.6.0.77/16 dev eth0']);
  const route = 'route 10.6.0.77/32 via 169.254.1.1 dev veth0 onlink';
  expect(reconciled()).toMatchObject([
    { ifName: 'eth0', changes: [expect.stringContaining(`make ${route}`)] },
    { ifName: 'net1', changes: [expect.stringContaining(`make ${route}`)] },
  ]);
  expect(reconciled()).toEqual(unchanged);
  ip(lab.node, ['address delete 10.6.0.77/16 dev eth0']);
  expect(reconciled().map(({ changes }) => changes.length)).toEqual([1, 1]);
  expect(states()).toEqual(before);
});

describe('with --conf', () => {
  const conf = '/run/rec.conf';
  afterEach(() => {
    expect(reconcile().status).toBe(0);
  });

  test('pods of the network have that configuration, and those of others what they had', () => {
    const service_cidr = [...(vethConf['service_cidr'] as string[]), '10.97.0.0/16'];
    writeFileSync(
      conf,
      JSON.stringify({ name: 'storage', plugins: [{ type: 'macvlan' }, { ...vethConf, service_cidr }] }),
    );
    const route = 'route 10.97.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.7.0.100 table 8604 in the pod';
    expect(reconciled('--conf', conf)).toEqual([{ ifName: 'net1', changes: [`make ${route}`], error: undefined }]);
    // The runtime keeps the configuration of the pod's ADD.
    expect(reconciled()).toMatchObject([{ changes: [] }, { changes: [`remove no ${route}`] }]);
  });

  test('that names no network it is that of all', () => {
    writeFileSync(conf, JSON.stringify({ ...vethConf, additional_cidr: ['192.0.2.0/24'] }));
    expect(reconciled('--conf', conf)).toMatchObject([
      { ifName: 'eth0', changes: [expect.stringMatching(/^make route 192\.0\.2\.0\/24 /)] },
      { ifName: 'net1', changes: [expect.stringMatching(/^make route 192\.0\.2\.0\/24 .* table 8604 /)] },
    ]);
  });

  test('that is wrong nothing is changed, and the key is named', () => {
    const before = states();
    writeFileSync(conf, JSON.stringify({ ...vethConf, mtu: 3 }));
    const { status, stdout, stderr } = reconcile('--conf', conf);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe('veth reconcile: --conf /run/rec.conf: mtu: 3 is not an integer from 68 to 65535\n');
    expect(states()).toEqual(before);
  });

  test('that is none is refused', () => {
    writeFileSync(conf, '{ "name": "storage", "plugins": [{ "type": "macvlan" }] }');
    expect(reconcile('--conf', conf)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'veth reconcile: --conf /run/rec.conf: the network has no plugin of type veth\n',
    });
  });

  test('an unknown key is told where there is something to tell', () => {
    writeFileSync(conf, JSON.stringify({ ...vethConf, mtuu: 3 }));
    expect(reconcile('--conf', conf).stdout).toMatch(/^! mtuu: unknown key, ignored; did you mean mtu\?$/m);
  });
});

test('where the runtime keeps nothing, the configuration has to be named', () => {
  const before = states();
  const { status, stdout } = veth(lab.node, ['reconcile', '--cache', '/run/nothing-here']);
  expect(status).toBe(1);
  expect(stdout.match(/^! the runtime keeps no configuration of it; name one by --conf$/gm)).toHaveLength(2);
  expect(states()).toEqual(before);
});

describe('what the runtime has left behind', () => {
  let other: Namespace;
  const files = () => readdirSync(cache).filter(name => name.includes('left'));
  afterEach(() => {
    for (const name of files()) rmSync(join(cache, name));
    if (other) removeNamespace(other);
  });

  /** The file of the pod's first attachment, for another container in this namespace. */
  function leave(netns: string): void {
    const { containerID } = pod.nics[0]!.attachment;
    const text = readFileSync(join(cache, `underlay-${containerID}-eth0`), 'utf8');
    writeFileSync(join(cache, 'underlay-left-eth0'), text.replaceAll(containerID, 'left').replaceAll(pod.path, netns));
  }

  test('about a namespace that is gone is no attachment', () => {
    other = createNamespace('rec-other');
    leave('/run/netns/rec-gone');
    expect(reconciled()).toEqual(unchanged);
  });

  test('about a path that leads to another pod by now does not touch that', () => {
    other = createNamespace('rec-other');
    ip(other, ['link add eth0 up type veth peer name peer', 'address add 10.6.0.200/16 dev eth0']);
    leave(other.path);
    const before = state(other);
    expect(reconciled()).toEqual(unchanged);
    expect(state(other)).toEqual(before);
  });

  test('is that of a pod without a pair, and --netns with the path of another does not select it', () => {
    other = createNamespace('rec-other');
    // Both are namespaces that the node's has given no number, because no link leads there.
    const third = createNamespace('rec-third');
    ip(other, ['link add eth0 up type veth peer name peer', `address add ${pod.addresses.IPv4}/16 dev eth0`]);
    leave(other.path);
    const { status, stderr } = reconcile('--dry-run', '--netns', third.path);
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^veth reconcile: no pair of ours leads to /),
    });
    expect(reconcile('--dry-run', '--netns', other.path).stdout).toMatch(/^eth0 of container left, /m);
    removeNamespace(third);
  });

  test('about a path that leads to the node itself does not touch that', () => {
    other = createNamespace('rec-other');
    leave(lab.node.path);
    expect(reconciled()).toEqual(unchanged);
  });

  test('in files that are none of libcni’s, or of networks without veth, is no attachment', async () => {
    other = createNamespace('rec-other');
    writeFileSync(join(cache, 'left-1'), '{ "kind": "cniCac');
    writeFileSync(join(cache, 'left-2'), '{}');
    copyFileSync('/bin/true', join(cache, 'left-3'));
    const attachment = { containerID: 'left', netns: other.path, ifName: 'eth0' };
    await runtime(lab.node).add(underlay(lab.node, lab.lan.ranges), attachment);
    expect(reconciled()).toEqual(unchanged);
    await runtime(lab.node).del(underlay(lab.node, lab.lan.ranges), attachment);
  });
});

test('a pod that cannot be served is told, and does not keep others from it', async () => {
  const attachment = { containerID: 'rec-taken', netns: createNamespace('rec-taken').path, ifName: 'eth0' };
  const taken = { name: 'rec-taken', path: attachment.netns };
  await runtime(lab.node).add(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
  ip(taken, ['link delete veth0', 'link add veth0 type veth peer name somebody']);
  ip(pod, ['route delete 10.96.0.0/16']);
  const { status, stdout } = reconcile();
  expect(status).toBe(1);
  expect(stdout).toMatch(/^! code 102: link veth0 in the pod: exists and is not ours \(kind veth\)$/m);
  expect(stdout).toMatch(/^3 attachments: 1 changed, 1 failed$/m);
  await runtime(lab.node).del(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
  removeNamespace(taken);
});

test('of two pods with one address none takes it from the other', async () => {
  const namespace = createNamespace('rec-twin');
  const attachment = { containerID: 'rec-twin', netns: namespace.path, ifName: 'eth0' };
  // Its network has another name, and with host-local thus addresses of its own.
  const network = underlay(lab.node, lab.lan.ranges, [vethConf], { name: 'twin', master: 'eth0' });
  await runtime(lab.node).add(network, attachment);
  const before = states();
  const { status, stdout } = reconcile();
  expect(status).toBe(1);
  expect(stdout).toMatch(
    new RegExp(
      `^! code 103: address ${pod.addresses.IPv4} in the pod: another pod has it too, .*: by ${namesOf('rec-twin').hostName}$`,
      'm',
    ),
  );
  expect(stdout).toMatch(/^3 attachments: 1 failed$/m);
  expect(states()).toEqual(before);
  await runtime(lab.node).del(network, attachment);
  removeNamespace(namespace);
  expect(reconcile().status).toBe(0);
});

test('of many pods one can be named, also one without its pair', async () => {
  const named = await createPod(lab.node, 'rec-named', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
  ip(named, ['link delete veth0']);
  ip(pod, ['route delete 10.96.0.0/16']);
  expect(reconcile('--netns', named.path).stdout).toMatch(/^1 attachment: 1 changed$/m);
  ip(named, ['link delete veth0']);
  expect(reconcile('--pod', named.nics[0]!.attachment.containerID).stdout).toMatch(/^1 attachment: 1 changed$/m);
  expect(reconcile().stdout).toMatch(/^3 attachments: 1 changed$/m);
  await runtime(lab.node).del(named.nics[0]!.network, named.nics[0]!.attachment);
  expect(reconcile('--pod', 'rec-nobody')).toMatchObject({
    status: 2,
    stderr: 'veth reconcile: no pair of ours is that of a pod or container rec-nobody\n',
  });
});

test('a pod without its pair gets none in another namespace than its node’s', async () => {
  const named = await createPod(lab.node, 'rec-elsewhere', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
  const elsewhere = createNamespace('rec-nowhere');
  ip(named, ['link delete veth0']);
  const args = ['--cache', cache, '--pod', named.nics[0]!.attachment.containerID];
  expect(veth(elsewhere, ['reconcile', ...args])).toMatchObject({ status: 2, stdout: '' });
  expect(show<{ ifname: string }>(named, 'link').map(({ ifname }) => ifname)).not.toContain('veth0');
  expect(veth(lab.node, ['reconcile', ...args]).stdout).toMatch(/^1 attachment: 1 changed$/m);
  await runtime(lab.node).del(named.nics[0]!.network, named.nics[0]!.attachment);
  removeNamespace(elsewhere);
});

test('with --every it is done again and again, and told only where there is something to tell', async () => {
  const [program = '', ...args] = inside(lab.node, [executable, 'reconcile', '--cache', cache, '--every', '1']);
  const child = spawn(program, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let told = '';
  child.stdout.on('data', chunk => (told += chunk));
  for (let damages = 1; damages <= 2; damages++) {
    ip(pod, ['route delete 10.96.0.0/16']);
    while (told.split('2 attachments: 1 changed\n').length <= damages) await sleep(20);
  }
  expect(told.match(/^\+ /gm)).toHaveLength(2);
  child.kill();
  expect(await exited).toEqual([0, null]);
});

test.each(['0', '1x', '-1', '86401', '1.5'])('--every %s is refused', every => {
  expect(reconcile(`--every=${every}`)).toEqual({
    status: 2,
    stdout: '',
    stderr: `veth reconcile: --every ${every} is not a whole number of seconds from 1 to 86400\n`,
  });
});
