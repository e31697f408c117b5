// Every way to and from a pod with one NIC, over TCP, and the source address that is seen at its end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Family, families } from '../../../tools/lab/family.ts';
import { flows, type Row, rowsOf } from '../../../tools/lab/flows.ts';
import { sysctl } from '../../../tools/lab/namespace.ts';
import { underlay, veth } from '../../../tools/lab/networks.ts';
import { createPod, type Pod } from '../../../tools/lab/pod.ts';
import { type Flow, probe, serve, type Verdict } from '../../../tools/lab/probe.ts';
import { createClusterIP, createNodePort } from '../../../tools/lab/service.ts';
import { createWideLab } from '../../../tools/lab/wide.ts';

const lab = await createWideLab('conn-');
const { node, client, overlay, remote, second } = lab;

/** A service whose pod is on the other node: its answer takes the same way back only because the node masquerades. */
const distantIP = { IPv4: '10.96.0.20', IPv6: 'fd00:10:96::20' };
createClusterIP(node, 'distant', distantIP, second.overlay.addresses, true);

const stacks: Record<string, readonly Family[]> = { IPv4: ['IPv4'], IPv6: ['IPv6'], 'dual stack': families };

interface Subject {
  readonly stack: string;
  readonly pod: Pod;
  readonly rows: readonly Row[];
}

const sibling = await newPod('conn-sibling', families);
const subjects: Subject[] = [];
for (const [stack, which] of Object.entries(stacks)) {
  const pod = await newPod(`conn-pod${subjects.length}`, which);
  const nodePort = 30080 + subjects.length;
  createNodePort(node, nodePort, pod.addresses);
  subjects.push({ stack, pod, rows: [...rowsOf(lab, pod, true), ...more(pod, nodePort)] });
}

function newPod(name: string, which: readonly Family[]): Promise<Pod> {
  const ranges = Object.fromEntries(which.map(family => [family, lab.lan.ranges[family]]));
  return createPod(node, name, { eth0: underlay(node, ranges, [veth]) });
}

/** What the quickstart does not show. */
function more(pod: Pod, nodePort: number): Row[] {
  const ways: Omit<Row, 'mustWork'>[] = [
    { from: 'pod', to: 'pod of the same node and LAN', flows: flows(pod, sibling) },
    { from: 'pod of the same node and LAN', to: 'pod', flows: flows(sibling, pod) },
    { from: 'pod', to: 'other node', flows: flows(pod, second.node) },
    { from: 'other node', to: 'pod', flows: flows(second.node, pod) },
    { from: 'pod', to: 'overlay pod of the other node', flows: flows(pod, second.overlay) },
    { from: 'overlay pod of the other node', to: 'pod', flows: flows(second.overlay, pod) },
    {
      from: 'pod',
      to: 'ClusterIP of a pod of the other node',
      flows: flows(pod, second.overlay, { addresses: distantIP, sources: node.addresses }),
    },
    { from: 'pod', to: 'client behind the gateway', flows: flows(pod, remote) },
    { from: 'client behind the gateway', to: 'pod', flows: flows(remote, pod) },
    {
      from: 'LAN client',
      to: 'NodePort of the pod',
      flows: flows(client, pod, { addresses: node.addresses, port: nodePort, sources: node.addresses }),
    },
  ];
  return ways.map(way => ({ ...way, mustWork: true }));
}

let servers: Disposable;
beforeAll(async () => {
  const { gateway } = lab;
  const pods = subjects.map(({ pod }) => pod);
  servers = await serve([gateway, client, remote, node, overlay, second.node, second.overlay, sibling, ...pods]);
});
afterAll(() => servers[Symbol.dispose]());

describe.each([
  ['strictly', 1],
  ['loosely', 2],
])('on a node that filters %s by reverse path', (_, value) => {
  let verdicts: Map<Flow, Verdict>;
  beforeAll(async () => {
    sysctl(node, { 'net.ipv4.conf.all.rp_filter': value });
    verdicts = await probe(subjects.flatMap(({ rows }) => rows).flatMap(row => Object.values(row.flows)));
  });

  describe.each(subjects)('a pod with $stack', ({ rows }) => {
    const ways = rows.flatMap(({ from, to, flows }) =>
      Object.entries(flows).map(([family, flow]) => ({ way: `${from} → ${to} (${family})`, flow })),
    );
    test.each(ways)('$way', ({ flow }) => {
      expect(verdicts.get(flow) ?? 'works').toBe('works');
    });
  });
});
