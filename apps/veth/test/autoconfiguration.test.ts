// NICs that have their addresses from the LAN: by DHCP, and made from a router's advertisement (SLAAC). No result tells of
// the latter, and they come when they come.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNamespace, type Namespace, sysctl } from '../../../tools/lab/namespace.ts';
import { attach, runtime } from '../../../tools/lab/pod.ts';
import { serve } from '../../../tools/lab/probe.ts';
import { keepLeases } from '../../../tools/lab/router.ts';
import { state } from '../../../tools/lab/state.ts';
import {
  type AdvertisingLab,
  advertised,
  check,
  createAdvertisingLab,
  failures,
  nextAdvertisement,
} from './advertising-lab.ts';

let lab: AdvertisingLab;
beforeAll(async () => {
  lab = await createAdvertisingLab('auto-');
}, 30_000);
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
}, 60_000);

test('a NIC that has no address yet is given one by the router before it is attached', async () => {
  const pod = await attach(lab.node, createChecking('auto-none'), { eth0: advertised('eth0') });
  expect(pod.addresses).toEqual({ IPv6: expect.stringMatching(/^fd00:10:6:0:/) });
  using _servers = await serve([lab.node, lab.overlay, lab.client, pod]);
  expect(await failures(lab, pod, [lab.node, lab.overlay, lab.client])).toEqual([]);
}, 60_000);
