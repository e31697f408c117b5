// What ADD finds on the pod's NIC and on the node as they are, whatever the chain's result says of them.
import { beforeAll, describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../../tools/lab/lab.ts';
import { createNamespace, ip, type Namespace, show, sysctl } from '../../../tools/lab/namespace.ts';
import { routed, veth } from '../../../tools/lab/networks.ts';
import { createPod } from '../../../tools/lab/pod.ts';
import { settle } from '../../../tools/lab/state.ts';
import { namesOf } from '../src/names.ts';
import { call, variables } from './call.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await createLab('nic-');
});

let count = 0;
/** A pod whose eth0 has these addresses, from nobody's result. */
function podWith(addresses: readonly string[]): Namespace {
  const pod = createNamespace(`nic-pod${count++}`);
  ip(lab.node, [`link add mv${count} link eth0 netns ${pod.name} type macvlan mode bridge`]);
  ip(pod, [
    `link set mv${count} name eth0`,
    'link set eth0 up',
    ...addresses.map(address => `address add ${address} dev eth0`),
    'route add default via 10.6.0.1',
  ]);
  return pod;
}

/** ADD of the plugin alone. */
function add(pod: Namespace, keys: object = {}): { interfaces: object[] } {
  const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', sandbox: pod.path }] };
  const conf = { cniVersion: '1.0.0', name: 'underlay', ...veth, ...keys, prevResult };
  const { status, stdout } = call(lab.node, variables('ADD', pod.name, pod.path), conf);
  if (status !== 0) throw new Error(stdout);
  return JSON.parse(stdout);
}

/** The destinations of what leads through the pair. */
function throughPair(pod: Namespace): string[] {
  return ['-4', '-6'].flatMap(family =>
    show<{ dst: string }>(pod, family, 'route', 'show', 'dev', 'veth0').map(({ dst }) => dst),
  );
}

describe('the families', () => {
  test('a dual-stack configuration serves a pod whose kernel has no IPv6', () => {
    const pod = podWith(['10.6.1.1/16']);
    sysctl(pod, { 'net.ipv6.conf.all.disable_ipv6': 1, 'net.ipv6.conf.default.disable_ipv6': 1 });
    add(pod);
    expect(throughPair(pod)).toEqual(expect.arrayContaining(['10.244.0.0/16', '10.96.0.0/16', '10.6.0.10']));
    expect(throughPair(pod).filter(dst => dst.includes(':'))).toEqual([]);
  });

  test('an address counts that is in no result, and one of IPv6 once nobody else turns out to have it', () => {
    const pod = podWith(['10.6.1.2/16']);
    sysctl(pod, { 'net.ipv6.conf.eth0.accept_dad': 1 });
    ip(pod, ['address add fd00:10:6::1:2/64 dev eth0']);
    expect(show(pod, '-6', 'address', 'show', 'dev', 'eth0', 'tentative')).not.toEqual([]);
    add(pod);
    expect(throughPair(pod)).toContain('fd00:10:244::/56');
    expect(show(lab.node, '-6', 'route', 'show', 'fd00:10:6::1:2')).toMatchObject([
      { dev: namesOf(pod.name).hostName },
    ]);
  });
});

describe('the node’s addresses', () => {
  test('are those that new connections may use', () => {
    ip(lab.node, [
      'address add 10.6.0.11/16 dev eth0 preferred_lft 0',
      'address add 10.6.0.12/16 dev eth0',
      'address add 10.6.0.13/32 dev lo scope link',
      'address add fd00:10:6::11/64 dev eth0 preferred_lft 0',
      'address add fd00:10:6::12/64 dev eth0',
    ]);
    settle(lab.node);
    const pod = podWith(['10.6.1.3/16', 'fd00:10:6::1:3/64']);
    add(pod);
    const own = throughPair(pod).filter(dst => /^10\.6\.0\.1\d$|^fd00:10:6::1\d$/.test(dst));
    expect(own).toEqual(['10.6.0.10', '10.6.0.12', 'fd00:10:6::10', 'fd00:10:6::12']);
  });

  test('a pod’s gateway is none of them, and include makes it one', async () => {
    await createPod(lab.node, 'nic-routed', { eth0: routed(lab.node, { IPv4: '192.0.2.0/24' }) });
    const [without, including] = [podWith(['10.6.1.4/16']), podWith(['10.6.1.5/16'])];
    add(without);
    expect(throughPair(without)).not.toContain('192.0.2.1');
    add(including, { node_addresses: { include: ['192.0.2.0/24'] } });
    expect(throughPair(including)).toContain('192.0.2.1');
  });
});

describe('the NIC', () => {
  test.each([{}, { hardware_prefix: '0a-1b' }])('each ADD with %j tells the LAN its hardware address', async keys => {
    const known = [`10.6.2.${count}`, `fd00:10:6::2:${count}`] as const;
    const pod = podWith([`${known[0]}/16`, `${known[1]}/64`]);
    for (const _time of ['first', 'again']) {
      ip(
        lab.client,
        known.map(dst => `neighbour replace ${dst} lladdr 02:00:00:00:00:99 dev eth0 nud stale`),
      );
      const [nic] = add(pod, keys).interfaces;
      const [{ address: actual }] = show<{ address: string }>(pod, 'link', 'show', 'eth0') as [{ address: string }];
      if ('hardware_prefix' in keys) expect(nic).toMatchObject({ name: 'eth0', mac: actual });
      for (const dst of known)
        await expect
          .poll(() => show<{ lladdr: string }>(lab.client, 'neighbour', 'show', dst).map(({ lladdr }) => lladdr))
          .toEqual([actual]);
    }
  });

  test('has the length of queue that is configured, and both ends of the pair the MTU', () => {
    const pod = podWith(['10.6.1.6/16']);
    add(pod, { txqueuelen: 123, mtu: 1300 });
    expect(show(pod, 'link', 'show', 'eth0')).toMatchObject([{ txqlen: 123, mtu: 1500 }]);
    expect(show(pod, 'link', 'show', 'veth0')).toMatchObject([{ mtu: 1300 }]);
    expect(show(lab.node, 'link', 'show', namesOf(pod.name).hostName)).toMatchObject([{ mtu: 1300 }]);
  });
});
