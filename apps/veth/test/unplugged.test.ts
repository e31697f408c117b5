// NICs that leave a running pod in whatever order, and even before their DEL: what stays works on, what went leaves nothing.
import type { NetworkConfList } from '@spider/cni-skel/testing';
import { afterAll, expect, test } from 'vitest';
import { createNamespace, ip, type Namespace, show } from '../../../tools/lab/namespace.ts';
import { attach, type Nic } from '../../../tools/lab/pod.ts';
import { state } from '../../../tools/lab/state.ts';
import { call, referencePlugins, variables } from './call.ts';
import { createSockets } from './sockets.ts';

const sockets = await createSockets('gone-');
const { node, chain, nic, kinds, newPod, stateOf, failures } = sockets;
afterAll(() => sockets[Symbol.dispose]());

/** DEL as a runtime calls it, and as one that has lost the result of the ADD: then of the plugin alone. */
const dels: Record<string, (of: Nic) => Promise<void>> = {
  'with the result of its ADD': ({ network, attachment }) => chain.del(network, attachment),
  'without the result of its ADD': async ({ network, attachment: { containerID, netns, ifName } }) => {
    const conf = { ...network, ...network.plugins.at(-1) };
    const { status, stdout } = call(node, variables('DEL', containerID, netns, ifName), conf);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  },
};

/** What is ours in a pod without a pair: nothing. */
function remains(pod: Namespace) {
  const routes = ['-4', '-6'].flatMap(family => show(pod, family, 'route', 'show', 'table', 'all', 'proto', '86'));
  const { rules, nftables } = state(pod);
  const fresh = state(createNamespace(`${pod.name}-fresh`));
  return { routes, rules: rules.filter(rule => !fresh.rules.includes(rule)), nftables };
}

const nothing = { routes: [], rules: [], nftables: [''] };

test.each([
  ['two LANs', 'with the result of its ADD'],
  ['one LAN', 'without the result of its ADD'],
  ['an overlay and a LAN', 'without the result of its ADD'],
])('of a pod in %s the second NIC is deleted; DEL %s leaves all as it was before it came', async (kind, how) => {
  const { eth0, net1 } = kinds[kind]!;
  const pod = await newPod();
  const [first] = (await attach(node, pod, { eth0 })).nics;
  const before = [state(node), stateOf(pod)];
  const [second] = (await attach(node, pod, { net1 })).nics;
  ip(pod, ['link delete net1']);
  expect(await failures(pod, first!)).toEqual([]);
  await dels[how]!(second!);
  expect([state(node), stateOf(pod)]).toEqual(before);
  const again = await plug(pod, net1, 'net1');
  expect(await failures(pod, first!)).toEqual([]);
  expect(await failures(pod, again)).toEqual([]);
  await chain.del(net1, again.attachment);
  expect([state(node), stateOf(pod)]).toEqual(before);
});

/** Plugs a NIC in under a container ID of its own. */
async function plug(pod: Namespace, network: NetworkConfList, ifName: string): Promise<Nic> {
  const attachment = { containerID: `plugs-into-${pod.name}`, netns: pod.path, ifName };
  await chain.add(network, attachment);
  const addressOf = (family: string) =>
    show<{ addr_info: { local: string }[] }>(pod, family, 'address', 'show', 'dev', ifName, 'scope', 'global')[0]!
      .addr_info[0]!.local;
  return { attachment, network, addresses: { IPv4: addressOf('-4'), IPv6: addressOf('-6') } };
}

test.each(Object.entries(dels))(
  'of a pod in two LANs the first NIC is deleted; DEL %s leaves the second whole, and the pair goes with it',
  async (_, del) => {
    const before = state(node);
    const pod = await newPod();
    const { nics } = await attach(node, pod, { eth0: nic('lan'), net1: nic('net1') });
    const [first, second] = nics as [Nic, Nic];
    ip(pod, ['link delete eth0']);
    expect(await failures(pod, second)).toEqual([]);
    await del(first);
    const text = JSON.stringify([state(node), state(pod)]);
    for (const address of Object.values(first.addresses)) expect(text).not.toContain(`${address}`);
    expect(await failures(pod, second)).toEqual([]);
    await chain.del(second.network, second.attachment);
    expect(state(node)).toEqual(before);
    expect(remains(pod)).toEqual(nothing);
  },
);

test.each([
  ['eth0', 'net2', 'net1'],
  ['net1', 'net2', 'eth0'],
  ['net2', 'eth0', 'net1'],
])('of three NICs go %s, %s and %s: those that stay work, and those that went leave nothing', async (...order) => {
  const before = state(node);
  const pod = await newPod();
  const [eth0] = (await attach(node, pod, { eth0: nic('lan') })).nics;
  const alone = [state(node), stateOf(pod)];
  const later = (await attach(node, pod, { net1: nic('net1'), net2: nic('net2') })).nics;
  let left = [eth0!, ...later];
  for (const name of order) {
    const leaving = left.find(({ attachment }) => attachment.ifName === name)!;
    left = left.filter(other => other !== leaving);
    await chain.del(leaving.network, leaving.attachment);
    for (const staying of left) expect(await failures(pod, staying), `${name} went`).toEqual([]);
    if (left.length === 1 && left[0] === eth0) expect([state(node), stateOf(pod)]).toEqual(alone);
  }
  expect(state(node)).toEqual(before);
  expect(remains(pod)).toEqual(nothing);
});

/** CHECK of the plugin alone: macvlan's looks for its default route in main, where a secondary NIC's is not. */
function check({ network, attachment: { containerID, netns, ifName } }: Nic): string {
  const prevResult = { cniVersion: '1.0.0', interfaces: [], ips: [] };
  const conf = { ...network, ...network.plugins.at(-1), prevResult };
  return call(node, variables('CHECK', containerID, netns, ifName), conf).stdout;
}

function collect({ network }: Nic): void {
  const conf = { ...network, ...network.plugins.at(-1), cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
  const answer = call(node, { CNI_COMMAND: 'GC', CNI_PATH: referencePlugins }, conf);
  expect(answer).toMatchObject({ status: 0, stdout: '' });
}

test.each<[string, (of: Nic) => Promise<void> | void]>([
  ...Object.entries(dels).map(([how, del]): [string, typeof del] => [`DEL ${how}`, del]),
  ['GC', collect],
])(
  'of a pod the NIC is deleted that default_route names; what the pod begins leaves by another, one that comes takes its place, and %s leaves nothing of it',
  async (_, release) => {
    const before = state(node);
    const pod = await newPod();
    const named = (segment: 'lan' | 'net1' | 'net2') => nic(segment, { default_route: 'net1' });
    const { nics } = await attach(node, pod, { eth0: named('lan'), net1: named('net1') });
    const [eth0, net1] = nics as [Nic, Nic];
    ip(pod, ['link delete net1']);
    const leavesBy = (destination: string) => show<{ dev: string }>(pod, 'route', 'get', destination)[0]!.dev;
    const ways = () => ['198.51.100.1', '2001:db8::1', '10.244.0.1', 'fd00:10:244::1'].map(leavesBy);
    expect(ways()).toEqual(['eth0', 'eth0', 'veth0', 'veth0']);
    expect(check(eth0)).toBe('');
    expect(await failures(pod, eth0)).toEqual([]);
    const net2 = (await attach(node, pod, { net2: named('net2') })).nics[0]!;
    expect(ways()).toEqual(['net2', 'net2', 'veth0', 'veth0']);
    await release(net1);
    const text = JSON.stringify([state(node), state(pod)]);
    for (const address of Object.values(net1.addresses)) expect(text).not.toContain(`${address}`);
    for (const staying of [eth0, net2]) {
      expect(check(staying)).toBe('');
      expect(await failures(pod, staying)).toEqual([]);
    }
    const again = await plug(pod, named('net1'), 'net1');
    expect(ways()).toEqual(['net1', 'net1', 'veth0', 'veth0']);
    for (const each of [eth0, again, net2]) {
      expect(check(each)).toBe('');
      expect(await failures(pod, each)).toEqual([]);
      await chain.del(each.network, each.attachment);
    }
    expect(state(node)).toEqual(before);
    expect(remains(pod)).toEqual(nothing);
  },
);
