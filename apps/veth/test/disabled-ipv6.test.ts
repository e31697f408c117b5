// A pod without IPv6 that gets a NIC with it: IPv6 is there on that NIC and on our links, and nowhere else.
import { expect, test } from 'vitest';
import { perFamily } from '../../../tools/lab/family.ts';
import { flows } from '../../../tools/lab/flows.ts';
import { createNamespace, inside, type Namespace, run, sysctl } from '../../../tools/lab/namespace.ts';
import { underlay, veth } from '../../../tools/lab/networks.ts';
import { attach, type Nic, runtime } from '../../../tools/lab/pod.ts';
import { probe, serve } from '../../../tools/lab/probe.ts';
import { createWideLab, type Segment } from '../../../tools/lab/wide.ts';

const lab = await createWideLab('disabled-');
const { node, overlay, remote, clusterIP, segments } = lab;

function network({ lan, master }: Segment, dual: boolean) {
  const ranges = perFamily(family => (dual || family === 'IPv4' ? lan.ranges[family] : undefined));
  return { ...underlay(node, ranges, [veth], { name: lan.name, master }), cniVersion: '1.0.0' };
}

/** What of the pod is without IPv6, but for lo: macvlan gives IPv6 to that too, when it gives it to its own. */
function without(pod: Namespace): string[] {
  const lines = run(inside(pod, ['sysctl', '--all', '--pattern', '^net\\.ipv6\\.conf\\..*\\.disable_ipv6']))
    .trim()
    .split('\n');
  return lines
    .flatMap(line => /conf\.(\w+)\.disable_ipv6 = 1/.exec(line)?.[1] ?? [])
    .filter(name => name !== 'lo')
    .sort();
}

async function failures(pod: Namespace, nics: readonly Nic[]) {
  const ways = nics.flatMap(({ addresses }) => {
    const own = { ...pod, addresses };
    return [
      flows(own, overlay, { addresses: clusterIP, bound: true }),
      flows(overlay, own),
      flows(remote, own),
      flows(node, own, { sources: segments[own.addresses.IPv4!.startsWith('10.7.') ? 'net1' : 'lan'].node.addresses }),
    ];
  });
  const verdicts = await probe(ways.flatMap(both => Object.values(both)));
  return [...verdicts].flatMap(([{ from, address }, failure]) =>
    failure ? [`${from.name} → ${address}: ${failure}`] : [],
  );
}

let count = 0;
test.each([{ leaving: ['net1', 'eth0'] }, { leaving: ['eth0', 'net1'] }])(
  'a later NIC has IPv6, and the others stay without; they go in the order $leaving',
  async ({ leaving }) => {
    const pod = createNamespace(`disabled-pod${count++}`);
    sysctl(pod, { 'net.ipv6.conf.all.disable_ipv6': 1, 'net.ipv6.conf.default.disable_ipv6': 1 });
    using _servers = await serve([pod, remote, overlay, node]);
    const first = await attach(node, pod, { eth0: network(segments.lan, false) });
    // The pair too: nothing of the pod is IPv6 yet.
    expect(without(pod)).toEqual(['all', 'default', 'eth0', 'veth0']);
    const later = await attach(node, pod, { net1: network(segments.net1, true) });
    expect(without(pod)).toEqual(['all', 'default', 'eth0']);
    const nics = [...first.nics, ...later.nics];
    expect(later.addresses).toEqual({ IPv4: expect.any(String), IPv6: expect.any(String) });
    expect(await failures(pod, nics)).toEqual([]);
    for (const name of leaving) {
      const [{ network, attachment }] = nics.splice(
        nics.findIndex(({ attachment }) => attachment.ifName === name),
        1,
      ) as [Nic];
      await runtime(node).del(network, attachment);
      expect(await failures(pod, nics), `after DEL ${name}`).toEqual([]);
      const kept = ['all', 'default', ...nics.map(({ attachment }) => attachment.ifName)];
      expect(without(pod)).toEqual(kept.filter(name => name !== 'net1'));
    }
  },
);
