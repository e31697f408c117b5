// Attaches pods to the networks that the chart renders, with the plugins that they name. The lab serves as cluster. The
// network for SR-IOV has no pod, because its plugin needs a NIC with virtual functions.
import { readFileSync } from 'node:fs';
import type { NetworkConfList } from '@spider/cni-skel/testing';
import { beforeAll, expect, test } from 'vitest';
import { createLab, type Lab } from '../lab/lab.ts';
import { addLan, addressesIn, createHost, type Host, lanOf, plug } from '../lab/lan.ts';
import { routed } from '../lab/networks.ts';
import { createPod, type Networks, type Pod, runtime } from '../lab/pod.ts';
import { type Flow, probe, serve } from '../lab/probe.ts';
import { golden } from './manifests.ts';
import { networksIn } from './objects.ts';

const second = lanOf('storage', 8);

let lab: Lab;
/** A host in the second LAN. */
let disk: Host;
beforeAll(async () => {
  lab = await createLab('chart-');
  addLan(lab.gateway, second);
  plug(lab.node, 'eth1', lab.gateway, second);
  disk = createHost('chart-disk', lab.gateway, second, addressesIn(second, 20));
});

/** The networks of an example. Their allocated addresses are stored inside this sandbox. */
function networksOf(example: string): NetworkConfList[] {
  return networksIn(readFileSync(golden(example), 'utf8')).map(network => {
    const [first, ...chained] = network.plugins as [{ type: string; ipam: object }, ...NetworkConfList['plugins']];
    const dataDir = '/run/cni/chart/host-local';
    return { ...network, plugins: [{ ...first, ipam: { ...first.ipam, dataDir } }, ...chained] };
  });
}

/** Attaches a pod, tries the flows that must work, and detaches it. */
async function withPod(name: string, networks: Networks, flows: (pod: Pod) => readonly Flow[]): Promise<void> {
  const pod = await createPod(lab.node, name, networks);
  {
    using _servers = await serve([pod, lab.overlay, lab.client, disk]);
    for (const [{ address, server }, verdict] of await probe(flows(pod)))
      expect(verdict, `${server} ${address}`).toBe(undefined);
  }
  for (const { network, attachment } of pod.nics.toReversed()) await runtime(lab.node).del(network, attachment);
}

/** Flows in both directions between the cluster and one of a pod's addresses. */
function withCluster(pod: Pod, source: string): Flow[] {
  const server = lab.overlay.name;
  return [
    { from: pod, bind: source, address: lab.clusterIP.IPv4!, server, source },
    { from: pod, bind: source, address: lab.overlay.addresses.IPv4!, server, source },
    { from: lab.overlay, address: source, server: pod.name, source: lab.overlay.addresses.IPv4! },
  ];
}

/** Flows in both directions between a pod and a host in one of its LANs. */
function withNeighbour(pod: Pod, source: string, host: Host): Flow[] {
  return [
    { from: pod, address: host.addresses.IPv4!, server: host.name, source },
    { from: host, address: source, server: pod.name, source: host.addresses.IPv4! },
  ];
}

test('a pod in the network of macvlan reaches the cluster, and its LAN', async () => {
  const [lan] = networksOf('macvlan');
  await withPod('chart-macvlan', { eth0: lan! }, pod => {
    const { IPv4: address } = pod.nics[0]!.addresses;
    return [...withCluster(pod, address!), ...withNeighbour(pod, address!, lab.client)];
  });
});

test('a pod in two networks reaches the cluster by each of its addresses, and both LANs', async () => {
  const [lan, storage] = networksOf('two-nics');
  await withPod('chart-two', { eth0: lan!, net1: storage! }, pod => {
    const [first, second] = pod.nics.map(({ addresses }) => addresses.IPv4!);
    return [
      ...[first!, second!].flatMap(address => withCluster(pod, address)),
      ...withNeighbour(pod, first!, lab.client),
      ...withNeighbour(pod, second!, disk),
    ];
  });
});

test('a pod of an overlay that has the other network beside it reaches the cluster by both addresses, and the LAN', async () => {
  const [beside] = networksOf('overlay-first');
  const first = routed(lab.node, { IPv4: '10.244.2.0/24' });
  await withPod('chart-overlay-first', { eth0: first, net1: beside! }, pod => {
    const [overlay, underlay] = pod.nics.map(({ addresses }) => addresses.IPv4!);
    return [
      ...[overlay!, underlay!].flatMap(address => withCluster(pod, address)),
      ...withNeighbour(pod, underlay!, lab.client),
    ];
  });
});
