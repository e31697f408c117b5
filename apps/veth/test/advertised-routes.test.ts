// The routes of a later NIC that has them from a router: the kernel keeps them in main, and puts them back there with each
// advertisement.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNamespace, show, sysctl } from '../../../tools/lab/namespace.ts';
import { underlay, veth } from '../../../tools/lab/networks.ts';
import { attach, type Pod } from '../../../tools/lab/pod.ts';
import { serve } from '../../../tools/lab/probe.ts';
import {
  type AdvertisingLab,
  advertised,
  check,
  createAdvertisingLab,
  failures,
  nextAdvertisement,
} from './advertising-lab.ts';

let lab: AdvertisingLab;
let first: Pod;
let later: Pod;
beforeAll(async () => {
  lab = await createAdvertisingLab('routes-');
  const pod = createNamespace('routes-pod');
  sysctl(pod, { 'net.ipv6.conf.default.accept_ra': 0 });
  const eth0 = { ...underlay(lab.node, lab.lan.ranges, [veth]), cniVersion: '1.0.0' };
  first = await attach(lab.node, pod, { eth0 });
  sysctl(pod, { 'net.ipv6.conf.default.accept_ra': 1 });
  later = await attach(lab.node, pod, { net1: advertised('eth1') });
});
afterAll(() => lab[Symbol.dispose]());

test('leave the default route to the first NIC, after the next advertisement too, and CHECK passes', async () => {
  const owners = () => show(first, '-6', 'route', 'show', 'default').map(({ dev }) => dev);
  expect(owners()).toEqual(['eth0']);
  await check(lab, later);
  await nextAdvertisement(first, 'net1');
  expect(owners()).toEqual(['eth0']);
  await check(lab, first);
  await check(lab, later);
});

test('do not run out in the table of the NIC, which is answered through itself', async () => {
  const [{ ifindex }] = show<{ ifindex: number }>(first, 'link', 'show', 'net1') as [{ ifindex: number }];
  const own = show(first, '-6', 'route', 'show', 'table', String(8600 + ifindex));
  expect(own).toContainEqual(expect.objectContaining({ dst: 'default', dev: 'net1' }));
  expect(own.filter(({ expires }) => expires !== undefined)).toEqual([]);
  using _servers = await serve([lab.node, lab.overlay, lab.client, lab.neighbour, first]);
  expect(await failures(lab, later, [lab.neighbour, lab.client], { bound: true })).toEqual([]);
  expect(await failures(lab, first, [lab.node, lab.overlay, lab.client])).toEqual([]);
});
