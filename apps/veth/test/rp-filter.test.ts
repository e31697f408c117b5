// Reverse path filtering in the pod is written for what is ours. The kernel takes the larger of an interface's value and that
// of "all", of which 2 is the loose one: what other interfaces of the pod come to by it must stay.
import { expect, test } from 'vitest';
import { createLab } from '../../../tools/lab/lab.ts';
import { createNamespace, inside, ip, run, sysctl } from '../../../tools/lab/namespace.ts';
import { routed, underlay, veth } from '../../../tools/lab/networks.ts';
import { attach } from '../../../tools/lab/pod.ts';

const lab = await createLab('filter-');
const { node, lan } = lab;
const overlay = routed(node, { IPv4: '10.244.2.0/24' });
/** Those beside ours: an overlay's, one that comes after us, and one without an address. */
const names = ['eth0', 'later', 'idle', 'net1', 'veth0'];

let count = 0;
/** How strictly each of the pod's interfaces filters, with an overlay's eth0 first and net1 with this value of ours. */
async function effective(settings: Record<string, number>, value: number) {
  const pod = createNamespace(`filter-pod${count++}`);
  sysctl(pod, { 'net.ipv4.conf.default.rp_filter': 0 });
  ip(pod, ['link add idle type bridge']);
  await attach(node, pod, { eth0: overlay });
  sysctl(
    pod,
    Object.fromEntries(Object.entries(settings).map(([name, set]) => [`net.ipv4.conf.${name}.rp_filter`, set])),
  );
  await attach(node, pod, { net1: underlay(node, lan.ranges, [{ ...veth, rp_filter: { value } }]) });
  ip(pod, ['link add later type bridge']);
  const read = (name: string) =>
    Number(run(inside(pod, ['sysctl', '--values', `net.ipv4.conf.${name}.rp_filter`])).trim());
  return Object.fromEntries(names.map(name => [name, Math.max(read('all'), read(name))]));
}

test.each([
  // What is there, what we ask for, what the others come to.
  [{ all: 1, eth0: 0 }, 2, { eth0: 1, idle: 1, later: 1 }],
  [{ all: 1, eth0: 0 }, 0, { eth0: 1, idle: 1, later: 1 }],
  [{ all: 1, eth0: 2 }, 0, { eth0: 2, idle: 1, later: 1 }],
  [{ all: 2, eth0: 0 }, 1, { eth0: 2, idle: 2, later: 2 }],
  [{ all: 0, eth0: 1 }, 2, { eth0: 1, idle: 0, later: 0 }],
  // One that begins with the value of default.
  [{ all: 1, default: 1, idle: 1, eth0: 0 }, 0, { eth0: 1, idle: 1, later: 1 }],
] as const)('with %j in the pod, our value %i leaves %j to what is not ours', async (before, value, others) => {
  expect(await effective(before, value)).toEqual({ ...others, net1: value, veth0: value });
});
