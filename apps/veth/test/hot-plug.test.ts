// NICs that are plugged into a running pod, and unplugged from it: what stays works on, and what goes leaves nothing.
import type { NetworkConfList } from '@spider/cni-skel/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { createNamespace, ip, type Namespace, show } from '../../../tools/lab/namespace.ts';
import { veth } from '../../../tools/lab/networks.ts';
import { attach, type Nic } from '../../../tools/lab/pod.ts';
import { state } from '../../../tools/lab/state.ts';
import { attachmentNames, namesOf } from '../src/names.ts';
import { call, referencePlugins, variables } from './call.ts';
import { createSockets } from './sockets.ts';

const sockets = await createSockets('plug-');
const { node, chain, nic, kinds, newPod, stateOf, failures } = sockets;
afterAll(() => sockets[Symbol.dispose]());

describe.each(Object.entries(kinds))('a pod in %s', (_, { eth0, net1 }) => {
  test('is after the second NIC went as it was before that came, and so is the node; the first works on', async () => {
    const pod = await newPod();
    const {
      nics: [first],
    } = await attach(node, pod, { eth0: eth0! });
    const before = [state(node), stateOf(pod)];
    const {
      nics: [second],
    } = await attach(node, pod, { net1: net1! });
    expect(await failures(pod, first!)).toEqual([]);
    await chain.del(net1!, second!.attachment);
    expect([state(node), stateOf(pod)]).toEqual(before);
    expect(await failures(pod, first!)).toEqual([]);
  });

  test('keeps the second NIC whole when the first goes; the pair goes with the last', async () => {
    const before = state(node);
    const pod = await newPod();
    const {
      nics: [first, second],
    } = await attach(node, pod, { eth0: eth0!, net1: net1! });
    await chain.del(eth0!, first!.attachment);
    expect(await failures(pod, second!)).toEqual([]);
    await chain.del(net1!, second!.attachment);
    expect(state(node)).toEqual(before);
    const { rules } = state(createNamespace(`${pod.name}-new`));
    expect(state(pod).rules).toEqual(rules);
  });
});

test('a pod with an overlay’s NIC, and another that the plugin is not called for, has a third served as any', async () => {
  const before = state(node);
  const pod = await newPod();
  const { eth0 } = kinds['an overlay and a LAN']!;
  const net1 = nic('net1');
  // Without a default route, which nobody would take out of main.
  const [macvlan] = net1.plugins as [{ type: string; ipam: object }];
  const plain = { ...net1, plugins: [{ ...macvlan, ipam: { ...macvlan.ipam, routes: [] } }] };
  const { nics } = await attach(node, pod, { eth0, net1: plain });
  const alone = stateOf(pod);
  const [third] = (await attach(node, pod, { net2: nic('net2') })).nics;
  expect(await failures(pod, third!)).toEqual([]);
  expect(await failures(pod, nics[0]!)).toEqual([]);
  const { containerID, netns } = third!.attachment;
  const conf = { ...third!.network, ...veth, prevResult: { cniVersion: '1.0.0', interfaces: [], ips: [] } };
  expect(call(node, variables('CHECK', containerID, netns, 'net2'), conf)).toMatchObject({ status: 0, stdout: '' });
  await chain.del(third!.network, third!.attachment);
  expect(stateOf(pod)).toEqual(alone);
  for (const { network, attachment } of nics.toReversed()) await chain.del(network, attachment);
  expect(state(node)).toEqual(before);
});

describe('a NIC that is plugged in under another container ID', () => {
  async function plugged() {
    const pod = await newPod();
    const {
      nics: [first],
    } = await attach(node, pod, { eth0: nic('lan') });
    const network = nic('net1');
    const attachment = { ...first!.attachment, containerID: `sandbox-of-${pod.name}`, ifName: 'net1' };
    await chain.add(network, attachment);
    const addresses = addressesOf(pod, 'net1');
    return { pod, first: first!, second: { attachment, network, addresses } };
  }

  function addressesOf(pod: Namespace, ifName: string) {
    const of = (family: string) =>
      show<{ addr_info: { local: string }[] }>(pod, family, 'address', 'show', 'dev', ifName, 'scope', 'global')[0]!
        .addr_info[0]!.local;
    return { IPv4: of('-4'), IPv6: of('-6') };
  }

  /** The attachments of the pod's pair. */
  function served({ attachment }: Nic): string[] {
    const { hostName } = namesOf(attachment.containerID);
    return show<{ altnames: string[] }>(node, 'link', 'show', hostName).flatMap(({ altnames }) =>
      attachmentNames({ altNames: altnames }),
    );
  }

  const collect = (network: NetworkConfList, valid: Nic['attachment'][]) => {
    const conf = { ...network, ...network.plugins[1], cniVersion: '1.1.0' };
    const attachments = valid.map(({ containerID, ifName }) => ({ containerID, ifname: ifName }));
    const environment = { CNI_COMMAND: 'GC', CNI_PATH: referencePlugins };
    const answer = call(node, environment, { ...conf, 'cni.dev/valid-attachments': attachments });
    expect(answer).toMatchObject({ status: 0, stdout: '' });
  };

  test('has the pair of the others, and both work', async () => {
    const { pod, first, second } = await plugged();
    expect(served(first)).toHaveLength(2);
    expect(await failures(pod, first)).toEqual([]);
    expect(await failures(pod, second)).toEqual([]);
    const check = variables('CHECK', second.attachment.containerID, pod.path, 'net1');
    const prevResult = { cniVersion: '1.0.0', interfaces: [], ips: [] };
    expect(call(node, check, { ...second.network, ...veth, prevResult })).toMatchObject({ status: 0 });
  });

  test('is the one that counts where its name was another’s, whose DEL comes late', async () => {
    const { pod, first, second } = await plugged();
    ip(pod, ['link delete net1']);
    const attachment = { ...second.attachment, containerID: `next-of-${pod.name}` };
    await chain.add(second.network, attachment);
    expect(served(first)).toEqual([
      expect.stringMatching(/@lan@eth0$/),
      expect.stringMatching(/^next-of-.*@net1@net1$/),
    ]);
    const after = [state(node), stateOf(pod)];
    const conf = { ...second.network, ...veth };
    const late = variables('DEL', second.attachment.containerID, pod.path, 'net1');
    expect(call(node, late, conf)).toMatchObject({ status: 0, stdout: '' });
    expect([state(node), stateOf(pod)]).toEqual(after);
    expect(await failures(pod, { ...second, attachment, addresses: addressesOf(pod, 'net1') })).toEqual([]);
  });

  test('is collected when it is not valid any more, and the pair stays for the first', async () => {
    const { pod, first, second } = await plugged();
    collect(second.network, [second.attachment]);
    expect(served(first)).toHaveLength(2);
    collect(second.network, []);
    expect(served(first)).toEqual([expect.stringMatching(/@lan@eth0$/)]);
    expect(state(pod).rules.join()).not.toContain('860');
    expect(show(node, 'route', 'show', `${second.addresses.IPv4}/32`)).toEqual([]);
    expect(await failures(pod, first)).toEqual([]);
    collect(first.network, []);
    expect(show<{ ifname: string }>(pod, 'link').map(({ ifname }) => ifname)).not.toContain('veth0');
  });
});

test('GC takes the path for replies from a pod that lives on', async () => {
  const pod = await newPod();
  const empty = state(pod);
  const network = { ...nic('lan', { reply_path: {} }), name: 'collected' };
  await attach(node, pod, { eth0: network });
  expect(state(pod).nftables.join()).toContain('table inet veth0');
  const conf = { ...network, ...network.plugins[1], cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
  expect(call(node, { CNI_COMMAND: 'GC', CNI_PATH: referencePlugins }, conf)).toMatchObject({ status: 0, stdout: '' });
  const { rules, nftables } = state(pod);
  expect({ rules, nftables }).toEqual({ rules: empty.rules, nftables: empty.nftables });
});
