// A pod in two LANs, made by the real chain with the executable: a reply leaves by the NIC that was asked.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flows } from '../../../tools/lab/flows.ts';
import { underlay } from '../../../tools/lab/networks.ts';
import { createPod, type Pod, runtime } from '../../../tools/lab/pod.ts';
import { probe, serve } from '../../../tools/lab/probe.ts';
import { state } from '../../../tools/lab/state.ts';
import { createWideLab } from '../../../tools/lab/wide.ts';

const { node, lan, client, remote, segments } = await createWideLab('table-');
const { net1 } = segments;
const second = (chain: readonly { type: string }[]) =>
  underlay(node, net1.lan.ranges, chain, { name: 'net1', master: net1.master });
const pods = {
  with: await createPod(node, 'table-with', {
    eth0: underlay(node, lan.ranges),
    net1: second([{ type: 'route-table' }]),
  }),
  without: await createPod(node, 'table-without', { eth0: underlay(node, lan.ranges), net1: second([]) }),
};

/** The pod, by the addresses of its second NIC. */
function inNet1(pod: Pod): Pod {
  return { ...pod, addresses: pod.nics[1]!.addresses };
}

let servers: Disposable;
beforeAll(async () => {
  servers = await serve([client, remote, ...Object.values(pods)]);
});
afterAll(() => servers[Symbol.dispose]());

const pod = inNet1(pods.with);
test.each(
  Object.entries({
    'a host in another LAN reaches the second NIC': flows(remote, pod),
    'a host in the first NIC’s LAN reaches the second NIC': flows(client, pod),
    'the pod reaches a host in another LAN from the second NIC’s address': flows(pod, remote, { bound: true }),
  }),
)('%s', async (_, ways) => {
  const verdicts = await probe(Object.values(ways));
  expect([...verdicts.values()]).toEqual([undefined, undefined]);
});

test('without route-table a host in the first NIC’s LAN does not reach the second NIC', async () => {
  const verdicts = await probe([flows(client, inNet1(pods.without)).IPv4!]);
  expect([...verdicts.values()]).toEqual(['timed out']);
});

test('the first NIC keeps the default route of main', async () => {
  const pod = pods.with;
  const verdicts = await probe(Object.values(flows(pod, remote)));
  expect([...verdicts.values()]).toEqual([undefined, undefined]);
});

test('CHECK of the whole chain succeeds, and after DEL the pod is as before', async () => {
  const pod = await createPod(node, 'table-again', { eth0: underlay(node, lan.ranges) });
  const before = state(pod);
  const network = second([{ type: 'route-table' }]);
  const attachment = { ...pod.nics[0]!.attachment, ifName: 'net1' };
  await runtime(node).add(network, attachment);
  await runtime(node).del(network, attachment);
  expect(state(pod)).toEqual(before);
});
