// ADD, CHECK and DEL of pods that the real chain makes: macvlan, host-local, veth.
import { rmSync, writeFileSync } from 'node:fs';
import type { Runtime, RuntimeConf } from '@spider/cni-skel/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Family, families } from '../../../tools/lab/family.ts';
import { createLab, type Lab } from '../../../tools/lab/lab.ts';
import {
  createNamespace,
  ip,
  type Namespace,
  removeNamespace,
  run,
  show,
  sysctl,
} from '../../../tools/lab/namespace.ts';
import { cluster, underlay, veth } from '../../../tools/lab/networks.ts';
import { runtime as runtimeOf } from '../../../tools/lab/pod.ts';
import { serve } from '../../../tools/lab/probe.ts';
import { state } from '../../../tools/lab/state.ts';
import { attachmentName, namesOf } from '../src/names.ts';
import { remove } from '../src/remove/remove.ts';
import { call, executable, referencePlugins, runIn, variables } from './call.ts';

let lab: Lab;
let runtime: Runtime;
beforeAll(async () => {
  lab = await createLab('life-');
  runtime = runtimeOf(lab.node);
});

const stacks: Record<string, readonly Family[]> = { IPv4: ['IPv4'], IPv6: ['IPv6'], 'dual stack': families };

let count = 0;
/** A new pod, not yet attached. */
function newPod(): { namespace: Namespace; attachment: RuntimeConf } {
  const name = `life-pod${count++}`;
  const namespace = createNamespace(name);
  return { namespace, attachment: { containerID: `id-of-${name}`, netns: namespace.path, ifName: 'eth0' } };
}

function network(which: readonly Family[] = families, keys: object = {}) {
  const ranges = Object.fromEntries(which.map(family => [family, lab.lan.ranges[family]]));
  return { ...underlay(lab.node, ranges, [{ ...veth, ...keys }]), cniVersion: '1.0.0' };
}

describe.each(Object.entries(stacks))('%s', (_, which) => {
  test('the node is after DEL as it was before ADD', async () => {
    const { attachment } = newPod();
    const before = state(lab.node);
    await runtime.add(network(which), attachment);
    expect(state(lab.node)).not.toEqual(before);
    await runtime.del(network(which), attachment);
    expect(state(lab.node)).toEqual(before);
  });

  test('CHECK passes on what ADD made', async () => {
    const { attachment } = newPod();
    await runtime.add(network(which), attachment);
    await runtime.check(network(which), attachment);
  });
});

describe('CHECK', () => {
  const hostOf = (attachment: RuntimeConf) => namesOf(attachment.containerID).hostName;

  const damages: [string, (pod: Namespace, attachment: RuntimeConf) => void, RegExp][] = [
    [
      'a route of the pod',
      pod => ip(pod, ['route delete 10.244.0.0/16']),
      /route 10\.244\.0\.0\/16 via 169\.254\.1\.1 dev veth0 onlink src \S+ in the pod: missing/,
    ],
    [
      'an IPv6 route of the pod',
      pod => ip(pod, ['route delete fd00:10:244::/56']),
      /route fd00:10:244::\/56 via fe80::1 dev veth0 src \S+ in the pod: missing/,
    ],
    [
      'a route of the pod to its node',
      pod => ip(pod, ['route delete 10.6.0.10']),
      /route 10\.6\.0\.10\/32 .* in the pod: missing/,
    ],
    [
      'a neighbour of the pod',
      pod => ip(pod, ['neighbour delete 169.254.1.1 dev veth0']),
      /neighbour 169\.254\.1\.1 .* in the pod: missing/,
    ],
    [
      'the address of the pod end',
      pod => ip(pod, ['address delete 169.254.1.2/32 dev veth0']),
      /address 169\.254\.1\.2\/32 .* in the pod: missing/,
    ],
    ['a pod end that is down', pod => ip(pod, ['link set veth0 down']), /link veth0 up in the pod: up is false/],
    ['the pod end', pod => ip(pod, ['link delete veth0']), /link veth0 in the pod .*missing/],
    [
      'a sysctl of the pod',
      pod => sysctl(pod, { 'net.ipv4.conf.veth0.rp_filter': 1 }),
      /sysctl net\/ipv4\/conf\/veth0\/rp_filter = 0 in the pod: is 1/,
    ],
    [
      'the route of the node',
      (_, { containerID }) => ip(lab.node, [`route flush dev ${namesOf(containerID).hostName} root 10.6.0.0/16`]),
      /route 10\.6\.\S+\/32 dev veth\S+ src 10\.6\.0\.10 on the node: missing/,
    ],
    [
      'the neighbours of the node',
      (_, attachment) => ip(lab.node, [`neighbour flush dev ${hostOf(attachment)} nud permanent`]),
      /neighbour 10\.6\.\S+ .* on the node: missing/,
    ],
    [
      'the name of the attachment',
      (_, attachment) => {
        const name = attachmentName({ ...attachment, network: 'underlay' });
        ip(lab.node, [`link property del dev ${hostOf(attachment)} altname ${name}`]);
      },
      /link veth\S+ altname \S+@underlay@eth0 on the node: missing/,
    ],
  ];

  test.each(damages)('names %s', async (_, damage, expected) => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(), attachment);
    damage(namespace, attachment);
    await expect(runtime.check(network(), attachment)).rejects.toThrow(expected);
  });

  test('names an address that the NIC was given and has no more', async () => {
    const { namespace, attachment } = newPod();
    const list = network();
    const prevResult = (await runtime.add(list, attachment)) as { ips: { address: string }[] };
    const lost = prevResult.ips.find(({ address }) => address.includes(':'))!.address;
    ip(namespace, [`address delete ${lost} dev eth0`]);
    // Of the plugin alone: macvlan's CHECK looks for it too.
    const { stdout } = call(lab.node, variables('CHECK', attachment.containerID, namespace.path), {
      ...list,
      ...list.plugins[1],
      prevResult,
    });
    expect(JSON.parse(stdout).msg).toContain(`address ${lost} dev eth0 in the pod: missing`);
  });

  test('names every difference, not only the first', async () => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(), attachment);
    ip(namespace, ['route delete 10.244.0.0/16', 'route delete 10.96.0.0/16']);
    const check = runtime.check(network(), attachment);
    await expect(check).rejects.toThrow(/10\.244\.0\.0\/16 .*missing.*10\.96\.0\.0\/16 .*missing/);
  });

  test('names a route whose source was changed, and what it is now', async () => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(), attachment);
    ip(namespace, ['route replace 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink proto 86']);
    await expect(runtime.check(network(), attachment)).rejects.toThrow(
      /route 10\.244\.0\.0\/16 .*: prefsrc is not set/,
    );
  });
});

describe('ADD', () => {
  test('a second time gives the same state and succeeds', async () => {
    const { namespace, attachment } = newPod();
    const list = network();
    const result = await runtime.add(list, attachment);
    const before = [state(lab.node), state(namespace)];
    const conf = { ...list, ...list.plugins[1], prevResult: result };
    expect(call(lab.node, variables('ADD', attachment.containerID, namespace.path), conf)).toMatchObject({ status: 0 });
    expect([state(lab.node), state(namespace)]).toEqual(before);
  });

  test('reports both ends of the pair behind the chain’s interfaces', async () => {
    const { namespace, attachment } = newPod();
    const result = (await runtime.add(network(), attachment)) as { interfaces?: object[] };
    const { hostName, hostAddress, podAddress } = namesOf(attachment.containerID);
    expect(result.interfaces).toMatchObject([
      { name: 'eth0', sandbox: namespace.path },
      { name: hostName, mac: hostAddress },
      { name: 'veth0', mac: podAddress, sandbox: namespace.path },
    ]);
  });

  test('gives both ends the hardware addresses it reports and the MTU of the NIC', async () => {
    const { namespace, attachment } = newPod();
    ip(lab.node, ['link set eth0 mtu 1340']);
    await runtime.add(network(), attachment);
    ip(lab.node, ['link set eth0 mtu 1500']);
    const { hostName, hostAddress, podAddress } = namesOf(attachment.containerID);
    expect(show(namespace, 'link', 'show', 'veth0')).toMatchObject([{ address: podAddress, mtu: 1340 }]);
    expect(show(lab.node, 'link', 'show', hostName)).toMatchObject([{ address: hostAddress, mtu: 1340 }]);
  });

  test('takes over an address from a sandbox that is not quite gone', async () => {
    const old = newPod();
    const list = network(['IPv4']);
    const result = (await runtime.add(list, old.attachment)) as { ips: { address: string }[] };
    const { address } = result.ips[0]!;
    const young = newPod();
    ip(lab.node, [`link add mv0 link eth0 netns ${young.namespace.name} type macvlan mode bridge`]);
    ip(young.namespace, ['link set mv0 name eth0', 'link set eth0 up', `address add ${address} dev eth0`]);
    const interfaces = [{ name: 'eth0', sandbox: young.namespace.path }];
    const conf = {
      ...list,
      ...list.plugins[1],
      prevResult: { cniVersion: '1.0.0', interfaces, ips: [{ ...result.ips[0], interface: 0 }] },
    };
    expect(call(lab.node, variables('ADD', 'young', young.namespace.path), conf)).toMatchObject({ status: 0 });
    const [route] = show(lab.node, 'route', 'get', address.replace(/\/.*/, ''));
    expect(route).toMatchObject({ dev: namesOf('young').hostName });
    // The old sandbox's DEL must not take the young one's route along.
    await runtime.del(list, old.attachment);
    expect(show(lab.node, 'route', 'get', address.replace(/\/.*/, ''))).toMatchObject([
      { dev: namesOf('young').hostName },
    ]);
  });

  test('takes over an address from a NIC of a sandbox that lives on, and keeps it when that NIC goes', async () => {
    const old = newPod();
    const list = network(['IPv4']);
    await runtime.add(list, old.attachment);
    const unplugged = { ...old.attachment, ifName: 'net1' };
    const result = (await runtime.add(list, unplugged)) as { ips: { address: string }[] };
    const { address } = result.ips[0]!;
    const young = newPod();
    const { containerID } = young.attachment;
    ip(lab.node, [`link add mv0 link eth0 netns ${young.namespace.name} type macvlan mode bridge`]);
    ip(young.namespace, ['link set mv0 name eth0', 'link set eth0 up', `address add ${address} dev eth0`]);
    const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', sandbox: young.namespace.path }] };
    const conf = { ...list, ...list.plugins[1], prevResult };
    const added = call(lab.node, variables('ADD', containerID, young.namespace.path), conf);
    expect(added).toMatchObject({ status: 0 });
    await runtime.del(list, unplugged);
    expect(show(lab.node, 'route', 'get', address.replace(/\/.*/, ''))).toMatchObject([
      { dev: namesOf(containerID).hostName },
    ]);
  });

  test('again of two pods that swapped addresses leads to each by what it has now', async () => {
    const list = network();
    const pods = [newPod(), newPod()].map(pod => ({ ...pod, host: namesOf(pod.attachment.containerID).hostName }));
    const given: string[][] = [];
    for (const { attachment } of pods) {
      const { ips } = (await runtime.add(list, attachment)) as { ips: { address: string }[] };
      given.push(ips.map(({ address }) => address));
    }
    for (const [i, { namespace }] of pods.entries())
      ip(namespace, [
        ...given[i]!.map(address => `address delete ${address} dev eth0`),
        ...given[1 - i]!.map(address => `address add ${address} dev eth0`),
      ]);
    for (const { attachment } of pods) {
      const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', sandbox: attachment.netns }] };
      const conf = { ...list, ...list.plugins[1], prevResult };
      expect(call(lab.node, variables('ADD', attachment.containerID, attachment.netns!), conf).status).toBe(0);
    }
    for (const [i, { attachment, host }] of pods.entries()) {
      const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', sandbox: attachment.netns }] };
      const conf = { ...list, ...list.plugins[1], prevResult };
      expect(call(lab.node, variables('CHECK', attachment.containerID, attachment.netns!), conf).stdout).toBe('');
      const expected = given[1 - i]!.map(address => address.replace(/\/.*/, '')).sort();
      for (const kind of [
        ['route', 'show'],
        ['neighbour', 'show', 'nud', 'permanent'],
      ]) {
        const found = ['-4', '-6'].flatMap(family =>
          show<{ dst: string }>(lab.node, family, ...kind, 'dev', host).map(({ dst }) => dst),
        );
        expect(found.filter(dst => !dst.startsWith('fe80:')).sort()).toEqual(expected);
      }
    }
    for (const { attachment } of pods) await runtime.del(list, attachment);
  });

  test('with only_hardware sets the hardware address from the prefix and the first address, and makes no pair', async () => {
    const { namespace, attachment } = newPod();
    const list = network(['IPv4'], { hardware_prefix: '0a:1b', only_hardware: true });
    const result = (await runtime.add(list, attachment)) as { ips: { address: string }[]; interfaces: object[] };
    const octets = result.ips[0]!.address.replace(/\/.*/, '')
      .split('.')
      .map(octet => Number(octet).toString(16).padStart(2, '0'));
    const mac = ['0a', '1b', ...octets].join(':');
    expect(show(namespace, 'link', 'show', 'eth0')).toMatchObject([{ address: mac }]);
    expect(result.interfaces).toMatchObject([{ name: 'eth0', mac }]);
    expect(show<{ ifname: string }>(namespace, 'link').map(({ ifname }) => ifname)).not.toContain('veth0');
    await runtime.del(list, attachment);
  });

  test('works for a configuration of 0.3.1 as the Go plugin’s users have it', async () => {
    const { attachment } = newPod();
    const keys = {
      rp_filter: { enabled: true, value: 0 },
      move_routes: 0,
      log_options: { log_level: 'debug' },
      additional_cidr: ['192.0.2.0/24'],
    };
    const list = { ...network(['IPv4'], keys), cniVersion: '0.3.1' };
    expect(await runtime.add(list, attachment)).toMatchObject({ cniVersion: '0.3.1' });
    await runtime.del(list, attachment);
  });
});

describe('hardware_prefix', () => {
  test('changes the NIC’s address, and the announcement tells it', async () => {
    const { namespace, attachment } = newPod();
    const list = network(['IPv4'], { hardware_prefix: '0a:1b' });
    const result = (await runtime.add(list, attachment)) as { interfaces: { mac: string }[] };
    const [{ address }] = show<{ address: string }>(namespace, 'link', 'show', 'eth0') as [{ address: string }];
    expect(address).toMatch(/^0a:1b:/);
    expect(result.interfaces[0]?.mac).toBe(address);
    await runtime.del(list, attachment);
  });
});

describe('DEL', () => {
  test('twice succeeds', async () => {
    const { attachment } = newPod();
    await runtime.add(network(), attachment);
    await runtime.del(network(), attachment);
    await runtime.del(network(), attachment);
  });

  test('without an ADD before succeeds', () => {
    const conf = { cniVersion: '1.0.0', name: 'underlay', type: 'veth' };
    expect(call(lab.node, variables('DEL', 'never-added', '/run/netns/never'), conf)).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('after the namespace is gone leaves the node as it was', async () => {
    const before = state(lab.node);
    const { namespace, attachment } = newPod();
    await runtime.add(network(), attachment);
    removeNamespace(namespace);
    await runtime.del(network(), attachment);
    expect(state(lab.node)).toEqual(before);
  });

  test('after the namespace lost its path, though a process keeps it, leaves the node as it was', async () => {
    const before = state(lab.node);
    const { namespace, attachment } = newPod();
    using _keeper = await serve([namespace]);
    const { plugins, ...list } = network();
    await runtime.add({ ...list, plugins }, attachment);
    removeNamespace(namespace);
    const conf = { ...list, ...plugins[1] };
    const del = variables('DEL', attachment.containerID, namespace.path);
    expect(call(lab.node, del, conf)).toMatchObject({ status: 0, stdout: '' });
    expect(state(lab.node)).toEqual(before);
  });

  test('takes the pair though the namespace goes while it is at work', async () => {
    // In this process's own namespace: what the skeleton saw a moment ago is not there any more.
    const attachment = { containerID: 'goes-meanwhile', ifName: 'eth0', network: 'underlay' };
    const { hostName } = namesOf(attachment.containerID);
    run(['ip', 'link', 'add', hostName, 'type', 'veth', 'peer', 'name', 'life-peer']);
    run(['ip', 'link', 'property', 'add', 'dev', hostName, 'altname', attachmentName(attachment)]);
    await remove(attachment, { netns: '/run/netns/life-gone', replyPath: true });
    expect(run(['ip', 'link'])).not.toContain(hostName);
  });

  test('where the name of the namespace is left, with nothing mounted on it, leaves the node as it was', async () => {
    const before = state(lab.node);
    const { namespace, attachment } = newPod();
    const list = network();
    await runtime.add(list, attachment);
    using _keeper = await serve([namespace]);
    removeNamespace(namespace);
    writeFileSync(namespace.path, '');
    const conf = { ...list, ...list.plugins[1] };
    const del = variables('DEL', attachment.containerID, namespace.path);
    expect(call(lab.node, del, conf)).toMatchObject({ status: 0, stdout: '' });
    expect(state(lab.node)).toEqual(before);
    rmSync(namespace.path);
  });

  test('leaves alone a new sandbox that has the path of the old one by now', async () => {
    const before = state(lab.node);
    const old = newPod();
    using _keeper = await serve([old.namespace]);
    const list = network(families, { reply_path: {} });
    await runtime.add(list, old.attachment);
    removeNamespace(old.namespace);
    createNamespace(old.namespace.name);
    const young = { ...old.attachment, containerID: `id-of-new-${old.namespace.name}` };
    const later = { ...young, ifName: 'net1' };
    await runtime.add(list, young);
    await runtime.add(list, later);
    const attached = state(old.namespace);
    const { CNI_NETNS: netns, ...rest } = variables('DEL', old.attachment.containerID, old.namespace.path);
    const conf = { ...list, ...list.plugins[1] };
    for (const CNI_NETNS of [netns!, netns!])
      expect(call(lab.node, { ...rest, CNI_NETNS }, conf)).toMatchObject({ status: 0, stdout: '' });
    expect(state(old.namespace)).toEqual(attached);
    const links = show<{ ifname: string }>(lab.node, 'link').map(({ ifname }) => ifname);
    expect(links).not.toContain(namesOf(old.attachment.containerID).hostName);
    await runtime.check(list, young);
    for (const each of [later, young, old.attachment]) await runtime.del(list, each);
    expect(state(lab.node)).toEqual(before);
  });

  test('needs neither prevResult, nor the namespace, nor any of the plugin’s keys', async () => {
    const before = state(lab.node);
    const { attachment } = newPod();
    await runtime.add(network(), attachment);
    const { CNI_NETNS: _, ...environment } = variables('DEL', attachment.containerID, '');
    expect(call(lab.node, environment, { cniVersion: '1.0.0', name: 'underlay', type: 'veth' })).toMatchObject({
      status: 0,
    });
    const links = show<{ ifname: string }>(lab.node, 'link').map(({ ifname }) => ifname);
    expect(links).not.toContain(namesOf(attachment.containerID).hostName);
    await runtime.del(network(), attachment);
    expect(state(lab.node)).toEqual(before);
  });

  test.each([
    ['with the namespace', {}],
    ['without', { CNI_NETNS: '' }],
  ])('goes by container and interface where the network was renamed since ADD, %s', async (_, more) => {
    const before = state(lab.node);
    const { attachment } = newPod();
    await runtime.add(network(), attachment);
    const environment = { ...variables('DEL', attachment.containerID, attachment.netns!), ...more };
    const conf = { cniVersion: '1.0.0', name: 'renamed', type: 'veth' };
    expect(call(lab.node, environment, conf)).toMatchObject({ status: 0, stdout: '' });
    expect(state(lab.node)).toEqual(before);
    await runtime.del(network(), attachment);
  });

  test('goes by what is valid of a configuration that was broken since ADD', async () => {
    const before = state(lab.node);
    const { namespace, attachment } = newPod();
    const list = network();
    const prevResult = await runtime.add(list, attachment);
    const broken = { ...list.plugins[1], cluster_cidr: ['10.244.0.0/40'], mtu: 'large', log_options: 7 };
    const { status, stdout } = call(lab.node, variables('DEL', attachment.containerID, namespace.path), {
      ...list,
      ...broken,
      prevResult,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(show<{ ifname: string }>(namespace, 'link').map(({ ifname }) => ifname)).not.toContain('veth0');
    await runtime.del(list, attachment);
    expect(state(lab.node)).toEqual(before);
  });

  test('for another interface leaves the pair', async () => {
    const { attachment } = newPod();
    await runtime.add(network(), attachment);
    const conf = { cniVersion: '1.0.0', name: 'underlay', type: 'veth' };
    expect(call(lab.node, variables('DEL', attachment.containerID, attachment.netns!, 'net1'), conf)).toMatchObject({
      status: 0,
    });
    await runtime.check(network(), attachment);
  });

  test('leaves a link alone that has the host end’s name and is not ours', async () => {
    const { hostName } = namesOf('stranger');
    ip(lab.node, [`link add ${hostName} type bridge`]);
    const conf = { cniVersion: '1.0.0', name: 'underlay', type: 'veth' };
    expect(call(lab.node, variables('DEL', 'stranger', '/run/netns/none'), conf)).toMatchObject({ status: 0 });
    expect(show(lab.node, 'link', 'show', hostName)).toHaveLength(1);
    ip(lab.node, [`link delete ${hostName}`]);
  });
});

describe('a pod with two NICs', () => {
  const defaults = (pod: Namespace) => show(pod, 'route', 'show', 'default');
  const second = (attachment: RuntimeConf) => ({ ...attachment, ifName: 'net1' });

  test('keeps the default route of the first, and CHECK passes for both', async () => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(), attachment);
    const before = defaults(namespace);
    expect(before).toMatchObject([{ dev: 'eth0' }]);
    await runtime.add(network(), second(attachment));
    expect(defaults(namespace)).toEqual(before);
    expect(show(namespace, '-6', 'route', 'show', 'default')).toMatchObject([{ dev: 'eth0' }]);
    await runtime.check(network(), attachment);
    await runtime.check(network(), second(attachment));
  });

  test('CHECK names a rule that is missing', async () => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(['IPv4']), attachment);
    await runtime.add(network(['IPv4']), second(attachment));
    ip(namespace, ['rule delete priority 8600']);
    const check = runtime.check(network(['IPv4']), second(attachment));
    await expect(check).rejects.toThrow(/rule priority 8600 from \S+\/32 lookup \d+ in the pod: missing/);
  });

  test('is after DEL of the second as it was before its ADD, and so is the node', async () => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(), attachment);
    const before = [state(lab.node), state(namespace)];
    await runtime.add(network(), second(attachment));
    await runtime.del(network(), second(attachment));
    expect([state(lab.node), state(namespace)]).toEqual(before);
    await runtime.check(network(), attachment);
    await runtime.del(network(), attachment);
  });

  test('keeps a route that is as one of the second’s but for the protocol number, when that goes', async () => {
    const { namespace, attachment } = newPod();
    const list = network(['IPv4']);
    await runtime.add(list, attachment);
    await runtime.add(list, second(attachment));
    const table = 8600 + show<{ ifindex: number }>(namespace, 'link', 'show', 'net1')[0]!.ifindex;
    const routes = () =>
      show<{ dst: string; gateway: string }>(namespace, 'route', 'show', 'table', String(table), 'dev', 'veth0');
    const [own] = routes();
    ip(namespace, [`route prepend ${own!.dst} via ${own!.gateway} dev veth0 onlink table ${table} protocol 85`]);
    await runtime.del(list, second(attachment));
    expect(routes()).toMatchObject([{ dst: own!.dst, protocol: '85' }]);
    await runtime.del(list, attachment);
  });

  test('keeps the path of another beside one of the first’s, when that goes', async () => {
    const { namespace, attachment } = newPod();
    const list = network();
    await runtime.add(list, attachment);
    await runtime.add(list, second(attachment));
    const dst = cluster.pods.IPv6;
    const paths = () => show(namespace, '-6', 'route', 'show', dst, 'metric', '1024');
    ip(namespace, [`route append ${dst} via fe80::99 dev net1 protocol 85`]);
    expect(paths()).toMatchObject([{ nexthops: [{ dev: 'veth0' }, { dev: 'net1' }] }]);
    await runtime.del(list, attachment);
    expect(paths()).toMatchObject([{ gateway: 'fe80::99', dev: 'net1', protocol: '85' }]);
    await runtime.del(list, second(attachment));
  });

  test('keeps the second whole when the first goes, and the pair goes with the last', async () => {
    const { attachment } = newPod();
    const before = state(lab.node);
    const list = network();
    await runtime.add(list, attachment);
    const prevResult = await runtime.add(list, second(attachment));
    await runtime.del(list, attachment);
    expect(show(lab.node, 'link', 'show', namesOf(attachment.containerID).hostName)).toHaveLength(1);
    // Of the plugin alone: macvlan's CHECK looks for its default route in main, where a second NIC's is not.
    const check = variables('CHECK', attachment.containerID, attachment.netns!, 'net1');
    expect(call(lab.node, check, { ...list, ...list.plugins[1], prevResult })).toMatchObject({ status: 0 });
    await runtime.del(network(), second(attachment));
    expect(state(lab.node)).toEqual(before);
  });

  test('gives the default route to the one that default_route names, and the other a table of its own', async () => {
    const { namespace, attachment } = newPod();
    const list = network(families, { default_route: 'net1' });
    await runtime.add(list, attachment);
    await runtime.add(list, second(attachment));
    expect(defaults(namespace)).toMatchObject([{ dev: 'net1' }]);
    expect(show(namespace, '-6', 'route', 'show', 'default')).toMatchObject([{ dev: 'net1' }]);
    const own = 8600 + show<{ ifindex: number }>(namespace, 'link', 'show', 'eth0')[0]!.ifindex;
    expect(show(namespace, 'route', 'show', 'default', 'table', String(own))).toMatchObject([{ dev: 'eth0' }]);
    await runtime.check(list, attachment);
    await runtime.check(list, second(attachment));
  });

  test('moves the second’s routes with all their attributes', async () => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(['IPv4']), attachment);
    const list = network(['IPv4']);
    const alone = await runtime.add({ ...list, plugins: [list.plugins[0]!] }, second(attachment));
    const gateway = lab.lan.ranges.IPv4!.gateway;
    ip(namespace, [
      'address add 10.6.255.1/16 dev net1',
      `route add 198.51.100.0/24 via ${gateway} dev net1 src 10.6.255.1 metric 77 mtu 1280 advmss 1200`,
      'route add 192.0.2.0/24 via 192.0.2.1 dev net1 onlink',
      `route add 203.0.113.0/24 nexthop via ${gateway} dev net1 weight 3 nexthop via 10.6.0.10 dev net1 weight 1`,
    ]);
    const conf = { ...list, ...list.plugins[1], prevResult: alone };
    expect(call(lab.node, variables('ADD', attachment.containerID, namespace.path, 'net1'), conf)).toMatchObject({
      status: 0,
    });
    const own = String(8600 + show<{ ifindex: number }>(namespace, 'link', 'show', 'net1')[0]!.ifindex);
    expect(show(namespace, 'route', 'show', '198.51.100.0/24', 'table', own)).toMatchObject([
      { gateway, dev: 'net1', prefsrc: '10.6.255.1', metric: 77, metrics: [{ mtu: 1280, advmss: 1200 }] },
    ]);
    expect(show(namespace, 'route', 'show', '192.0.2.0/24', 'table', own)).toMatchObject([
      { gateway: '192.0.2.1', dev: 'net1', flags: ['onlink'] },
    ]);
    expect(show(namespace, 'route', 'show', '203.0.113.0/24', 'table', own)).toMatchObject([
      {
        nexthops: [
          { gateway, dev: 'net1', weight: 3 },
          { gateway: '10.6.0.10', dev: 'net1', weight: 1 },
        ],
      },
    ]);
    expect(show(namespace, 'route', 'show', '198.51.100.0/24')).toEqual([]);
    expect(show(namespace, 'route', 'show', '203.0.113.0/24')).toEqual([]);
  });

  test('CHECK names the second’s default route when it is gone', async () => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(['IPv4']), attachment);
    await runtime.add(network(['IPv4']), second(attachment));
    const own = String(8600 + show<{ ifindex: number }>(namespace, 'link', 'show', 'net1')[0]!.ifindex);
    ip(namespace, [`route delete default table ${own}`]);
    await expect(runtime.check(network(['IPv4']), second(attachment))).rejects.toThrow(
      /route 0\.0\.0\.0\/0 via \S+ dev net1 table 86\d\d in the pod: missing/,
    );
  });

  test('may have the second plugged in under another container ID, and taken away by it', async () => {
    const { namespace, attachment } = newPod();
    await runtime.add(network(), attachment);
    const before = [state(lab.node), state(namespace)];
    const plugged = { ...second(attachment), containerID: `container-in-${attachment.containerID}` };
    await runtime.add(network(), plugged);
    await runtime.check(network(), plugged);
    await runtime.del(network(), plugged);
    expect([state(lab.node), state(namespace)]).toEqual(before);
  });
});

/** The plugin without the right to change networks. */
const powerless = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin', executable];

describe('STATUS', () => {
  const conf = { cniVersion: '1.1.0', name: 'underlay', ...veth };
  const environment = { CNI_COMMAND: 'STATUS', CNI_PATH: referencePlugins };

  test('succeeds on a node that forwards', () => {
    expect(call(lab.node, environment, conf)).toMatchObject({ status: 0, stdout: '' });
  });

  test('answers 51 and names the setting where the node does not forward: the pods that are there suffer too', () => {
    const { status, stdout } = call(lab.client, environment, conf);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: 51, msg: expect.stringContaining('ipv4/conf/all/forwarding') });
  });

  test('answers 51 where the node forwards no IPv6, and asks for no more than the CIDRs need', () => {
    const host = createNamespace('life-half');
    sysctl(host, { 'net.ipv4.conf.all.forwarding': 1, 'net.ipv6.conf.all.forwarding': 0 });
    const { status, stdout } = call(host, environment, conf);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: 51, msg: expect.stringContaining('ipv6/conf/all/forwarding') });
    const narrow = { ...conf, cluster_cidr: ['10.244.0.0/16'], service_cidr: [] };
    expect(call(host, environment, narrow)).toMatchObject({ status: 0, stdout: '' });
  });

  test('asks for no forwarding of IPv6 where the kernel has no IPv6', () => {
    const missing = 'mount -t tmpfs tmpfs /proc/sys/net/ipv6 && exec "$@"';
    const command = ['unshare', '--mount', 'sh', '-ec', missing, 'sh', executable];
    const input = JSON.stringify(conf);
    expect(runIn(lab.node, command, { env: environment, input })).toMatchObject({ status: 0, stdout: '' });
  });

  test('answers 50 without the permission to make links', () => {
    const { status, stdout } = runIn(lab.node, powerless, { env: environment, input: JSON.stringify(conf) });
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: 50, msg: expect.stringMatching(/^links of kind veth: .*EPERM/) });
  });

  test('asks for nf_tables where reply_path needs them, and makes nothing', () => {
    const before = state(lab.node);
    expect(call(lab.node, environment, { ...conf, reply_path: {} })).toMatchObject({ status: 0, stdout: '' });
    expect(state(lab.node)).toEqual(before);
  });
});
