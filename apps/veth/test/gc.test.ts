// GC: what belongs to no valid attachment of the network goes, and nothing else of what is on a node.
import { rmSync, writeFileSync } from 'node:fs';
import type { Runtime, RuntimeConf } from '@spider/cni-skel/testing';
import { NetNs } from '@spider/netns';
import { beforeAll, expect, test } from 'vitest';
import { createLab, type Lab } from '../../../tools/lab/lab.ts';
import { createNamespace, ip, type Namespace, removeNamespace, show } from '../../../tools/lab/namespace.ts';
import { overlay, routed, underlay, veth } from '../../../tools/lab/networks.ts';
import { createPod, runtime as runtimeOf } from '../../../tools/lab/pod.ts';
import { serve } from '../../../tools/lab/probe.ts';
import { state } from '../../../tools/lab/state.ts';
import { namesOf } from '../src/names.ts';
import { call, executable, referencePlugins, runIn, variables } from './call.ts';

let lab: Lab;
let runtime: Runtime;
beforeAll(async () => {
  lab = await createLab('gc-');
  runtime = runtimeOf(lab.node);
});

let count = 0;
/** A pod that is attached to a network. */
async function attached(network: string): Promise<{ namespace: Namespace; attachment: RuntimeConf }> {
  const name = `gc-pod${count++}`;
  const namespace = createNamespace(name);
  const attachment = { containerID: `id-of-${name}`, netns: namespace.path, ifName: 'eth0' };
  await runtime.add(listOf(network), attachment);
  return { namespace, attachment };
}

/** The reference plugins know 1.0.0 at most, GC is of 1.1.0. */
function listOf(name: string) {
  const IPv4 = lab.lan.ranges.IPv4!;
  return { ...underlay(lab.node, { IPv4 }, [veth], { name, master: 'eth0' }), cniVersion: '1.0.0' };
}

const environment = { CNI_COMMAND: 'GC', CNI_PATH: referencePlugins };

function input(network: string, valid: readonly RuntimeConf[] | undefined): object {
  const attachments = valid?.map(({ containerID, ifName }) => ({ containerID, ifname: ifName }));
  return { cniVersion: '1.1.0', name: network, ...veth, ...(valid && { 'cni.dev/valid-attachments': attachments }) };
}

function collect(network: string, valid: readonly RuntimeConf[] | undefined): void {
  expect(call(lab.node, environment, input(network, valid))).toEqual({ status: 0, stdout: '', stderr: '' });
}

/** Of the node; what macvlan has of a pod is the pod's. */
const hosts = () => show<{ ifname: string }>(lab.node, 'link').map(({ ifname }) => ifname);

test('amid pairs of bridge and ptp, of other networks and of valid attachments only what is stale goes', async () => {
  await createPod(lab.node, 'gc-bridged', { eth0: overlay(lab.node, { IPv4: '10.244.0.0/24' }) });
  await createPod(lab.node, 'gc-routed', { eth0: routed(lab.node, { IPv4: '10.244.2.0/24' }) });
  await attached('other');
  // One whose name begins alike.
  await attached('collected-too');
  const valid = await attached('collected');
  const before = state(lab.node);
  const stale = [await attached('collected'), await attached('collected')];
  expect(state(lab.node)).not.toEqual(before);
  collect('collected', [valid.attachment]);
  expect(state(lab.node)).toEqual(before);
  for (const { namespace } of stale) expect(show(namespace, 'link', 'show', 'type', 'veth')).toEqual([]);
  collect('collected', []);
  expect(hosts()).not.toContain(namesOf(valid.attachment.containerID).hostName);
});

test('without a list nothing goes, with an empty one all of the network does', async () => {
  const before = state(lab.node);
  await attached('listed');
  await attached('listed');
  const both = state(lab.node);
  collect('listed', undefined);
  expect(state(lab.node)).toEqual(both);
  collect('listed', []);
  expect(state(lab.node)).toEqual(before);
});

test('a valid interface of another container, or another interface of the container, keeps nothing', async () => {
  const before = state(lab.node);
  const { attachment } = await attached('confused');
  collect('confused', [
    { ...attachment, ifName: 'net1' },
    { ...attachment, containerID: 'another' },
  ]);
  expect(state(lab.node)).toEqual(before);
});

test('a pod goes whose namespace has lost its path, though a process keeps it', async () => {
  const before = state(lab.node);
  // Names on which nothing is mounted are no namespaces.
  writeFileSync('/run/netns/gc-leftover', '');
  const { namespace } = await attached('pathless');
  using _keeper = await serve([namespace]);
  removeNamespace(namespace);
  collect('pathless', []);
  expect(state(lab.node)).toEqual(before);
  rmSync('/run/netns/gc-leftover');
});

test.each(['GC', 'DEL'])(
  'of a pod that no path leads to, %s takes from the node what one NIC had, and leaves what another has',
  async command => {
    // ip(8) tells a namespace by its name, for as long as it has one.
    const onNode = () => JSON.stringify(state(lab.node)).replaceAll(/ link-netns(id)? \S+?(?=\\\\| |")/g, '');
    const { namespace, attachment } = await attached('staying');
    const before = onNode();
    const leaving = { ...attachment, ifName: 'net1' };
    await runtime.add(listOf('leaving'), leaving);
    expect(onNode()).not.toEqual(before);
    using _keeper = NetNs.open(namespace.path);
    removeNamespace(namespace);
    if (command === 'GC') collect('leaving', []);
    else {
      const { CNI_NETNS: _, ...environment } = variables('DEL', leaving.containerID, '', 'net1');
      const conf = { cniVersion: '1.0.0', name: 'leaving', ...veth };
      expect(call(lab.node, environment, conf)).toEqual({ status: 0, stdout: '', stderr: '' });
    }
    expect(onNode()).toEqual(before);
    collect('staying', []);
  },
);

test('links stay that another gave names like ours', async () => {
  const { attachment } = await attached('named');
  const links = {
    'gc-bridge': 'type bridge',
    'gc-veth': 'type veth peer name gc-peer',
    // A name as the bridge plugin gives them.
    veth01234567: 'type veth peer name gc-peer2',
    // One as ours are.
    veth0123456789a: 'type veth peer name gc-peer3',
  };
  for (const [name, kind] of Object.entries(links))
    ip(lab.node, [`link add ${name} ${kind}`, `link property add dev ${name} altname foreign@named@${name}`]);
  // Names that say less than ours, or more.
  const { hostName } = namesOf(attachment.containerID);
  ip(
    lab.node,
    ['uplink', 'foreign@named'].map(name => `link property add dev ${hostName} altname ${name}`),
  );
  const before = state(lab.node);
  collect('named', [attachment]);
  expect(state(lab.node)).toEqual(before);
  await runtime.check(listOf('named'), attachment);
  collect('named', []);
  expect(hosts()).toEqual(expect.arrayContaining(Object.keys(links)));
  expect(hosts()).not.toContain(hostName);
  for (const name of Object.keys(links)) ip(lab.node, [`link delete ${name}`]);
});

test('a pair whose alias somebody changed goes, with DEL and with GC', async () => {
  const before = state(lab.node);
  const pods = [await attached('relabelled'), await attached('relabelled')];
  for (const { attachment } of pods) ip(lab.node, [`link set ${namesOf(attachment.containerID).hostName} alias mine`]);
  await runtime.del(listOf('relabelled'), pods[0]!.attachment);
  expect(hosts()).not.toContain(namesOf(pods[0]!.attachment.containerID).hostName);
  collect('relabelled', []);
  expect(state(lab.node)).toEqual(before);
});

test('a pair that somebody renamed goes, with DEL and with GC', async () => {
  const before = state(lab.node);
  const pods = [await attached('renamed'), await attached('renamed')];
  for (const [i, { attachment }] of pods.entries()) {
    const { hostName } = namesOf(attachment.containerID);
    ip(lab.node, [`link set ${hostName} down`, `link set ${hostName} name other${i}`]);
  }
  await runtime.del(listOf('renamed'), pods[0]!.attachment);
  expect(hosts()).not.toContain('other0');
  expect(hosts()).toContain('other1');
  collect('renamed', []);
  expect(state(lab.node)).toEqual(before);
});

test('what fails is passed over, and all of it is reported', async () => {
  const stale = [await attached('refused'), await attached('refused')];
  const powerless = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin', executable];
  const { status, stdout } = runIn(lab.node, powerless, {
    env: environment,
    input: JSON.stringify(input('refused', [])),
  });
  expect(status).toBe(1);
  const { msg } = JSON.parse(stdout) as { msg: string };
  for (const { attachment } of stale) expect(msg).toContain(`${attachment.containerID}@refused@eth0: `);
  expect(msg.match(/EPERM/g)).toHaveLength(2);
  collect('refused', []);
});
