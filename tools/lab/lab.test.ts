import { expect, it } from 'vitest';
import { families } from './family.ts';
import { rowsOf } from './flows.ts';
import { createLab } from './lab.ts';
import type { Host } from './lan.ts';
import { ip } from './namespace.ts';
import { cluster, underlay } from './networks.ts';
import { createPod } from './pod.ts';
import { type Flow, probe, serve } from './probe.ts';
import { surprises } from './table.ts';

it('gives a pod without veth its LAN, but neither its node nor its cluster', async () => {
  const lab = await createLab('alone-');
  const pod = await createPod(lab.node, 'alone-pod', { eth0: underlay(lab.node, lab.lan.ranges) });
  using _servers = await serve([lab.gateway, lab.client, lab.node, lab.overlay, pod]);
  const columns = [{ title: 'alone', rows: rowsOf(lab, pod, false) }];
  const flows = columns.flatMap(({ rows }) => rows).flatMap(row => Object.values(row.flows));
  expect(surprises(columns, await probe(flows))).toEqual([]);
});

it('translates the ClusterIP of what the node sends and of what it forwards', async () => {
  const lab = await createLab('service-');
  ip(
    lab.client,
    families.map(family => `route add ${cluster.services[family]} via ${lab.node.addresses[family]}`),
  );
  using _servers = await serve([lab.overlay]);
  const flow = (from: Host, family: 'IPv4' | 'IPv6'): Flow => ({
    from,
    address: lab.clusterIP[family]!,
    server: lab.overlay.name,
    source: from.addresses[family]!,
  });
  const flows = [lab.node, lab.client].flatMap(from => families.map(family => flow(from, family)));
  expect(await probe(flows)).toEqual(new Map(flows.map(each => [each, undefined])));
});
