// Every way to and from every NIC of a pod, whichever NICs it has and whatever its first one is, over TCP, and the source
// address that is seen at its end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Family, families, type PerFamily, perFamily } from '../../../tools/lab/family.ts';
import { createNamespace, type Namespace } from '../../../tools/lab/namespace.ts';
import { routed, underlay, veth } from '../../../tools/lab/networks.ts';
import { introduce } from '../../../tools/lab/node.ts';
import { calico, cilium, type Overlay } from '../../../tools/lab/overlays.ts';
import { attach, type Networks } from '../../../tools/lab/pod.ts';
import { type Flow, probe, serve, type Verdict } from '../../../tools/lab/probe.ts';
import { createWideLab } from '../../../tools/lab/wide.ts';
import { routeTo, type Way, waysOf } from './ways.ts';

const lab = await createWideLab('matrix-');
const { node, overlay, remote, segments } = lab;
// The overlay's pods can be reached from the LANs, as with Calico and BGP.
introduce(lab.gateway, node);

const stacks: Record<string, readonly Family[]> = { IPv4: ['IPv4'], IPv6: ['IPv6'], 'dual stack': families };

/** A NIC that veth serves. */
function nic(segment: keyof typeof segments, stack: readonly Family[]) {
  const { lan, master } = segments[segment];
  return underlay(node, only(stack, lan.ranges), [veth], { name: segment, master });
}

/** Debian's ptp. */
function ptp(stack: readonly Family[]) {
  return routed(node, only(stack, { IPv4: '10.244.2.0/24', IPv6: 'fd00:10:244:2::/64' }));
}

const [byCalico, byCilium] = [calico(node), cilium(node)];
let handed = 0;
/** Gives a pod an eth0 with addresses that no plugin hands out. */
function hang(by: Overlay, stack: readonly Family[]) {
  return (pod: Namespace) => {
    const end = ++handed + 1;
    const addresses = only(stack, { IPv4: `10.244.3.${end}`, IPv6: `fd00:10:244:3::${end}` });
    by(pod, 'eth0', addresses);
    return addresses;
  };
}

function only<T>(stack: readonly Family[], of: PerFamily<T>): PerFamily<T> {
  return perFamily(family => (stack.includes(family) ? of[family] : undefined));
}

/** The pods' kinds: their networks, and how they got an eth0 that no network gave them. */
const kinds: Record<
  string,
  (stack: readonly Family[]) => { networks: Networks; plug?: (pod: Namespace) => PerFamily<string> }
> = {
  'one NIC': stack => ({ networks: { eth0: nic('lan', stack) } }),
  'two NICs': stack => ({ networks: { eth0: nic('lan', stack), net1: nic('net1', stack) } }),
  'two NICs in one LAN': stack => ({ networks: { eth0: nic('lan', stack), net1: nic('lan', stack) } }),
  'three NICs': stack => ({
    networks: { eth0: nic('lan', stack), net1: nic('net1', stack), net2: nic('net2', stack) },
  }),
  'an overlay’s NIC (ptp) first': stack => ({ networks: { eth0: ptp(stack), net1: nic('lan', stack) } }),
  'an overlay’s NIC (Calico) first': stack => ({ networks: { net1: nic('lan', stack) }, plug: hang(byCalico, stack) }),
  'an overlay’s NIC (Cilium) first': stack => ({ networks: { net1: nic('lan', stack) }, plug: hang(byCilium, stack) }),
  'an overlay’s NIC (Calico) before two': stack => ({
    networks: { net1: nic('net1', stack), net2: nic('net2', stack) },
    plug: hang(byCalico, stack),
  }),
};

interface Subject {
  readonly kind: string;
  readonly stack: string;
  readonly pod: Namespace;
  readonly nics: readonly { readonly ifName: string; readonly addresses: PerFamily<string> }[];
  readonly ways: readonly Way[];
}

async function createSubject(kind: string, stack: string, name: string): Promise<Subject> {
  const { networks, plug } = kinds[kind]!(stacks[stack]!);
  const pod = createNamespace(name);
  const first = plug?.(pod);
  const { nics } = await attach(node, pod, networks);
  const own = [
    ...(first ? [{ ifName: 'eth0', addresses: first, segment: undefined }] : []),
    ...nics.map(({ attachment: { ifName }, network, addresses }) => ({
      ifName,
      addresses,
      segment: segments[network.name as keyof typeof segments],
    })),
  ];
  return { kind, stack, pod, nics: own, ways: waysOf(lab, pod, own) };
}

const subjects: Subject[] = [];
for (const kind of Object.keys(kinds))
  for (const stack of Object.keys(stacks)) subjects.push(await createSubject(kind, stack, `matrix-${subjects.length}`));

let servers: Disposable;
const verdicts = new Map<Flow, Verdict>();
beforeAll(async () => {
  const clients = Object.values(segments).map(({ client }) => client);
  servers = await serve([lab.gateway, ...clients, remote, node, overlay, ...subjects.map(({ pod }) => pod)]);
  // One kind after the other: all at once are more than two processors answer in time.
  for (const kind of Object.keys(kinds)) {
    const ways = subjects.filter(subject => subject.kind === kind).flatMap(({ ways }) => ways);
    for (const [flow, verdict] of await probe(ways.map(({ flow }) => flow))) verdicts.set(flow, verdict);
  }
});
afterAll(() => servers[Symbol.dispose]());

describe.each(subjects)('a pod with $kind, $stack', ({ pod, nics, ways }) => {
  test.each(ways)('$way', ({ flow }) => {
    expect(verdicts.get(flow) ?? 'works').toBe('works');
  });

  test.each(nics)('a reply from $ifName leaves by it, whichever LAN the client is in', ({ ifName, addresses }) => {
    const clients = [lab.gateway, remote, ...Object.values(segments).map(({ client }) => client)];
    const devices = clients.flatMap(client =>
      Object.values(
        perFamily(family => {
          const [to, from] = [client.addresses[family], addresses[family]];
          return to && from && routeTo(pod, to, 'from', from).dev;
        }),
      ),
    );
    expect(new Set(devices)).toEqual(new Set([ifName]));
  });
});
