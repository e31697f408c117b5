// NICs that have their addresses from the LAN: by DHCP, and made from a router's advertisement (SLAAC). No result tells of
// the latter, and they come when they come.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lanOf } from '../../../tools/lab/lan.ts';
import { createNamespace, type Namespace, show, sysctl } from '../../../tools/lab/namespace.ts';
import { cluster } from '../../../tools/lab/networks.ts';
import { attach, runtime } from '../../../tools/lab/pod.ts';
import { serve } from '../../../tools/lab/probe.ts';
import { advertise, keepLeases } from '../../../tools/lab/router.ts';
import { state } from '../../../tools/lab/state.ts';
import {
  type AdvertisingLab,
  advertised,
  check,
  createAdvertisingLab,
  failures,
  nextAdvertisement,
} from './advertising-lab.ts';
import { createStand, type Stand, succeeded } from './stand.ts';

let lab: AdvertisingLab;
beforeAll(async () => {
  lab = await createAdvertisingLab('auto-');
});
afterAll(() => lab[Symbol.dispose]());

/** A pod's namespace in which addresses are checked for duplicates, as they are unless told otherwise. */
function createChecking(name: string): Namespace {
  const pod = createNamespace(name);
  sysctl(pod, { 'net.ipv6.conf.default.accept_dad': 1 });
  return pod;
}

/** What of the node only plugins change. */
function configured() {
  const { links, rules, neighbours, routes } = state(lab.node);
  return { links, rules, neighbours, routes };
}

test('a NIC with a lease and an advertised prefix is connected in both families, and leaves nothing behind', async () => {
  using _leases = await keepLeases(lab.node);
  const before = configured();
  const pod = await attach(lab.node, createChecking('auto-lease'), { eth0: advertised('eth0', { type: 'dhcp' }) });
  expect(pod.addresses).toEqual({
    IPv4: expect.stringMatching(/^10\.6\.0\.2[0-5]\d$/),
    IPv6: expect.stringMatching(/^fd00:10:6:0:/),
  });
  using _servers = await serve([lab.node, lab.overlay, lab.client, pod]);
  expect(await failures(lab, pod, [lab.node, lab.overlay, lab.client])).toEqual([]);
  await check(lab, pod);
  await nextAdvertisement(pod, 'eth0');
  await check(lab, pod);
  for (const { network, attachment } of pod.nics) await runtime(lab.node).del(network, attachment);
  expect(configured()).toEqual(before);
});

test('a NIC that has no address yet is given one by the router before it is attached', async () => {
  const pod = await attach(lab.node, createChecking('auto-none'), { eth0: advertised('eth0') });
  expect(pod.addresses).toEqual({ IPv6: expect.stringMatching(/^fd00:10:6:0:/) });
  using _servers = await serve([lab.node, lab.overlay, lab.client, pod]);
  expect(await failures(lab, pod, [lab.node, lab.overlay, lab.client])).toEqual([]);
});

describe('a NIC that has an address of IPv4, on which the kernel listens to routers', () => {
  /** Nobody advertises until somebody is told to. */
  function quietStand(name: string): Stand {
    return createStand(name, pod => ({
      node: [
        `link add lan up type veth peer name eth0 netns ${pod}`,
        'address add 10.6.0.1/16 dev lan',
        'address add fd00:10:6::1/64 dev lan',
      ],
      pod: ['link set eth0 up', 'address add 10.6.0.100/16 dev eth0'],
    }));
  }
  const keys = { cluster_cidr: Object.values(cluster.pods) };

  test('is waited for no longer than it takes to read its addresses once', () => {
    using stand = quietStand('auto-quiet');
    sysctl(stand.pod, { 'net.ipv6.conf.eth0.accept_ra': 2 });
    const { status, trace } = stand.trace('ADD');
    expect(status).toBe(0);
    const lists = trace.filter(line => /^netlink > \d+ address\.list /.test(line));
    expect(lists).toHaveLength(2);
  });

  test('is served in IPv6 by an ADD again where the prefix comes later, and until then CHECK names what it lacks', async () => {
    using stand = quietStand('auto-late');
    expect(stand.call('ADD', keys)).toMatchObject(succeeded);
    expect(stand.call('CHECK', keys)).toMatchObject(succeeded);
    // A router hears itself.
    sysctl(stand.node, { 'net.ipv6.conf.lan.accept_ra': 0 });
    using _router = await advertise(stand.node, [lanOf('lan', 6)]);
    const made = () =>
      show<{ addr_info: { local: string }[] }>(
        stand.pod,
        '-6',
        'address',
        'show',
        'dev',
        'eth0',
        'scope',
        'global',
        '-tentative',
      );
    await expect.poll(() => made().length).toBe(1);
    const [{ local }] = made()[0]!.addr_info as [{ local: string }];
    const { status, stdout } = stand.call('CHECK', keys);
    expect(status).toBe(1);
    const { code, msg } = JSON.parse(stdout) as { code: number; msg: string };
    expect(code).toBe(101);
    expect(msg).toContain(`route fd00:10:244::/56 via fe80::1 dev veth0 src ${local} in the pod: missing`);
    expect(msg).toContain(`route ${local}/128 dev ${stand.host} src fd00:10:6::1 on the node: missing`);
    expect(msg).not.toContain('10.244.');
    expect(stand.call('ADD', keys)).toMatchObject(succeeded);
    expect(stand.call('CHECK', keys)).toMatchObject(succeeded);
    expect(show(stand.pod, '-6', 'route', 'get', 'fd00:10:244::1')).toMatchObject([{ dev: 'veth0', prefsrc: local }]);
    expect(show(stand.node, '-6', 'route', 'get', local)).toMatchObject([{ dev: stand.host }]);
    expect(stand.call('DEL', keys)).toMatchObject(succeeded);
    expect(show(stand.node, '-6', 'route', 'get', local)).toMatchObject([{ dev: 'lan' }]);
  });
});
