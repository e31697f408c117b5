// A pod whose first NIC is an overlay's and whose second is an underlay's, where pod and node filter strictly by reverse
// path: every way over UDP and ICMP as well as TCP, and each reply leaves by the interface that the request came in by.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNamespace, inside, type Namespace, run, sysctl } from '../../../tools/lab/namespace.ts';
import { routed, underlay, veth } from '../../../tools/lab/networks.ts';
import { introduce } from '../../../tools/lab/node.ts';
import { calico, cilium, type Overlay } from '../../../tools/lab/overlays.ts';
import { attach, type Networks } from '../../../tools/lab/pod.ts';
import { type Flow, probe, serve, type Verdict } from '../../../tools/lab/probe.ts';
import { createClusterIP } from '../../../tools/lab/service.ts';
import { createWideLab } from '../../../tools/lab/wide.ts';
import { type End, type Means, type Way, waysOf } from './ways.ts';

const lab = await createWideLab('first-');
const { node, overlay, remote, lan, segments } = lab;
introduce(lab.gateway, node);
const dns = { IPv4: '10.96.0.53', IPv6: 'fd00:10:96::53' };
createClusterIP(node, 'dns', dns, overlay.addresses, false, 'udp');

const protocols: Record<string, Means> = {
  TCP: lab,
  UDP: { protocol: 'udp', clusterIP: dns },
  ICMP: { protocol: 'icmp' },
};

const net1 = underlay(node, lan.ranges, [{ ...veth, rp_filter: { value: 1 } }], { name: 'lan', master: 'eth0' });
const ptp = routed(node, { IPv4: '10.244.2.0/24', IPv6: 'fd00:10:244:2::/64' });
/** By an overlay whose plugin we do not have; else eth0 is one of the networks. */
const kinds: Record<string, { networks: Networks; by?: Overlay }> = {
  ptp: { networks: { eth0: ptp, net1 } },
  Calico: { networks: { net1 }, by: calico(node) },
  Cilium: { networks: { net1 }, by: cilium(node) },
};

interface Subject {
  readonly kind: string;
  readonly protocol: string;
  readonly ways: readonly Way[];
}

let handed = 1;
const pods: { readonly kind: string; readonly pod: Namespace; readonly nics: readonly End[] }[] = [];
for (const [kind, { networks, by }] of Object.entries(kinds)) {
  const pod = createNamespace(`first-${kind.toLowerCase()}`);
  const given = { IPv4: `10.244.3.${++handed}`, IPv6: `fd00:10:244:3::${handed}` };
  by?.(pod, 'eth0', given);
  const { nics } = await attach(node, pod, networks);
  const others = nics.map(({ attachment: { ifName }, addresses }) => ({
    ifName,
    addresses,
    segment: ifName === 'net1' ? segments.lan : undefined,
  }));
  pods.push({
    kind,
    pod,
    nics: [...(by ? [{ ifName: 'eth0', addresses: given, segment: undefined }] : []), ...others],
  });
}
const subjects: Subject[] = pods.flatMap(({ kind, pod, nics }) =>
  Object.entries(protocols).map(([protocol, means]) => ({ kind, protocol, ways: waysOf(lab, pod, nics, means) })),
);

const interfaces = ['eth0', 'net1', 'veth0'];

/** Lets no reply leave a pod by another interface than that by which the connection came. */
function guard(pod: Namespace): void {
  const ruleset = `
    table inet guard {
      chain arriving {
        type filter hook prerouting priority mangle
        ${interfaces.map((name, i) => `ct state new iifname ${name} ct mark set ${i + 1}`).join('\n')}
      }
      chain leaving {
        type filter hook postrouting priority mangle
        ${interfaces.map((name, i) => `ct direction reply ct mark ${i + 1} oifname != ${name} counter drop`).join('\n')}
      }
    }`;
  run(inside(pod, ['nft', '--file', '-']), ruleset);
}

let servers: Disposable;
const verdicts = new Map<Flow, Verdict>();
beforeAll(async () => {
  sysctl(node, { 'net.ipv4.conf.all.rp_filter': 1 });
  for (const { pod } of pods) guard(pod);
  const clients = Object.values(segments).map(({ client }) => client);
  servers = await serve([lab.gateway, ...clients, remote, node, overlay, ...pods.map(({ pod }) => pod)]);
  // One after the other: all at once are more than two processors answer in time.
  for (const { ways } of subjects)
    for (const [flow, verdict] of await probe(ways.map(({ flow }) => flow))) verdicts.set(flow, verdict);
});
afterAll(() => servers[Symbol.dispose]());

describe.each(subjects)('a pod with an overlay’s NIC ($kind) first, over $protocol', ({ ways }) => {
  test.each(ways)('$way', ({ flow }) => {
    expect(verdicts.get(flow) ?? 'works').toBe('works');
  });
});

test.each(pods)('the pod with $kind filters strictly on each interface', ({ pod }) => {
  const read = (name: string) =>
    Number(run(inside(pod, ['sysctl', '--values', `net.ipv4.conf.${name}.rp_filter`])).trim());
  expect(interfaces.map(name => Math.max(read('all'), read(name)))).toEqual([1, 1, 1]);
});
