// `veth trace` points at what may decide about a packet and is not followed, where it stands on the way and only there.
import { NetNs } from '@spider/netns';
import { link, Rtnetlink } from '@spider/rtnetlink';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Family } from '../../../../tools/lab/family.ts';
import type { Lab } from '../../../../tools/lab/lab.ts';
import type { Host } from '../../../../tools/lab/lan.ts';
import { createNamespace, ip, type Namespace, show } from '../../../../tools/lab/namespace.ts';
import type { Pod } from '../../../../tools/lab/pod.ts';
import { serve } from '../../../../tools/lab/probe.ts';
import { attachProgram, type ProgramKind } from '../../../../tools/lab/program.ts';
import { since } from '../../../../tools/test/linux.ts';
import type { Trace } from '../../src/cli/trace/step.ts';
import { executable, runIn } from '../call.ts';
import { sh, vethJson } from './call.ts';
import * as way from './way.ts';

let lab: Lab;
let pod: Pod;
let host: string;
let port: string;
let servers: Disposable;
beforeAll(async () => {
  ({ lab, pod, host, port } = await way.createTracedLab('dim-'));
  servers = await serve([lab.overlay, lab.client]);
  // What is in the way here must not keep the node from asking for this neighbour, which would be one doubt more.
  const [eth0] = show<{ address: string }>(lab.overlay, 'link', 'show', 'dev', 'eth0');
  const neighbours = Object.values(lab.overlay.addresses);
  ip(
    lab.node,
    neighbours.map(address => `neighbour replace ${address} lladdr ${eth0!.address} dev cni0 nud permanent`),
  );
});
afterAll(() => servers[Symbol.dispose]());

/** The doubtful steps of a trace that finds nothing that stops. */
function doubts(dst: string): string[] {
  const { works, steps } = vethJson<Trace>(lab.node, ['trace', '--netns', pod.path, dst]);
  expect(works).toBe(true);
  return steps.flatMap(({ direction, place, text, doubtful }) => (doubtful ? [`${direction} ${place}: ${text}`] : []));
}

const arrives = (family: Family, to: Host = lab.overlay, dst = lab.clusterIP[family]!) => way.arrives(pod, to, dst);

/**
 * The endpoint may have to ask for its neighbour again. The kernel's table of IPv6 neighbours is one for all namespaces
 * (1024 entries), so tests that run meanwhile may fill it.
 */
const comesThrough = (family: Family) => expect.poll(() => arrives(family)).toBe(true);

/** Whether a command works here: of a kernel, not all has to be there. */
function works(command: string): boolean {
  try {
    sh(createNamespace(`dim-trial${Math.random()}`), command);
    return true;
  } catch {
    return false;
  }
}

describe.runIf(works('iptables-legacy -S && ip6tables-legacy -S'))('tables of iptables-legacy', () => {
  const cases: [string, () => Namespace, Family, string, string, string][] = [
    [
      'a rule',
      () => lab.node,
      'IPv4',
      'iptables-legacy -A FORWARD -d 10.244.0.2 -j DROP',
      'iptables-legacy -F FORWARD',
      'there node: the chain FORWARD of iptables-legacy sees it in the table filter, and is not followed here; it is shown by iptables-legacy --table filter --list-rules FORWARD',
    ],
    [
      'a policy, of IPv6',
      () => lab.node,
      'IPv6',
      'ip6tables-legacy -P FORWARD DROP',
      'ip6tables-legacy -P FORWARD ACCEPT',
      'there node: the chain FORWARD of ip6tables-legacy sees it in the table filter, and is not followed here; it is shown by ip6tables-legacy --table filter --list-rules FORWARD',
    ],
    [
      'one in the pod',
      () => pod,
      'IPv4',
      'iptables-legacy -t mangle -A OUTPUT -j DROP',
      'iptables-legacy -t mangle -F',
      'there pod: the chain OUTPUT of iptables-legacy sees it in the table mangle, and is not followed here; it is shown by nsenter --net=/run/netns/dim-pod iptables-legacy --table mangle --list-rules OUTPUT',
    ],
    [
      'one that sees the reply alone',
      () => pod,
      'IPv6',
      'ip6tables-legacy -A INPUT -j DROP',
      'ip6tables-legacy -F',
      'back pod: the chain INPUT of ip6tables-legacy sees it in the table filter, and is not followed here; it is shown by nsenter --net=/run/netns/dim-pod ip6tables-legacy --table filter --list-rules INPUT',
    ],
    [
      'one that translates',
      () => lab.node,
      'IPv4',
      'iptables-legacy -t nat -A PREROUTING -d 10.96.0.10 -p tcp --dport 80 -j DNAT --to-destination 10.244.0.99',
      'iptables-legacy -t nat -F',
      'there node: the chain PREROUTING of iptables-legacy sees it in the table nat, and is not followed here; it is shown by iptables-legacy --table nat --list-rules PREROUTING',
    ],
  ];
  test.each(cases)('%s', async (_, where, family, damage, mend, text) => {
    const dst = lab.clusterIP[family]!;
    expect(doubts(dst)).toEqual([]);
    sh(where(), damage);
    expect(await arrives(family)).toBe(false);
    expect(doubts(dst)).toEqual([text]);
    sh(lab.node, /it is shown by (.*)/.exec(text)![1]!);
    sh(where(), mend);
    // The tables are still there.
    expect(doubts(dst)).toEqual([]);
    await comesThrough(family);
  });

  test('that translate see no reply', () => {
    sh(pod, 'iptables-legacy -t nat -A INPUT -j ACCEPT');
    expect(doubts('10.96.0.10')).toEqual([]);
    sh(pod, 'iptables-legacy -t nat -F');
  });

  test('that must not be read', () => {
    sh(lab.node, 'iptables-legacy -A INPUT -j ACCEPT');
    const drop = ['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw', executable];
    const { stdout } = runIn(lab.node, [...drop, 'trace', '--netns', pod.path, '10.96.0.10'], { env: {}, input: '' });
    expect(stdout).toMatch(
      / node +\? the tables of iptables-legacy cannot be read here, and what they do with the packet is not known: socket: EPERM/,
    );
    sh(lab.node, 'iptables-legacy -F');
  });
});

// In the place of the kernel's own file, which only one with IPVS has, is one that all places show.
test('a service of IPVS, whose address is the node’s in the mode ipvs of kube-proxy', () => {
  const service = '10.96.0.77';
  ip(lab.node, ['link add kube-ipvs0 type bridge', `address add ${service}/32 dev kube-ipvs0`]);
  const file = [
    'IP Virtual Server version 1.2.1 (size=4096)',
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn',
    'TCP  0A60004D:0050 rr ',
    '  -> 0AF40002:1F90      Masq    1      0          0         ',
    'TCP  0A60004D:01BB rr ',
    '',
  ].join('\n');
  const traced = (port: string) => {
    const put = 'd=/proc/$$/task/$$/net; mount -t tmpfs tmpfs $d; cat > $d/ip_vs; exec "$@"';
    const command = [
      'unshare',
      '--mount',
      'sh',
      '-ec',
      put,
      'sh',
      executable,
      'trace',
      '--netns',
      pod.path,
      '--port',
      port,
    ];
    const { stdout } = runIn(lab.node, [...command, service], { env: { PATH: process.env['PATH']! }, input: file });
    return stdout.split('\n').filter(line => / \? | delivered/.test(line));
  };
  const delivered = expect.stringContaining('node  10.96.0.77 is an address of this place: delivered');
  const leads = 'IPVS leads 10.96.0.77, TCP port 80, to one of 10.244.0.2:8080, and is not followed here';
  const leadsNowhere = 'IPVS has a service 10.96.0.77, TCP port 443, and nowhere to lead it to';
  for (const [port, text] of [
    ['80', leads],
    ['443', leadsNowhere],
  ] as const)
    expect(traced(port)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(`pod +\\? ${text}`),
        expect.stringMatching(`node +\\? ${text}`),
        delivered,
      ]),
    );
  expect(traced('81')).toEqual(expect.not.arrayContaining([expect.stringContaining('?')]));
  ip(lab.node, ['link delete kube-ipvs0']);
});

describe('what stands on an interface', () => {
  const filters: [string, Family, () => string, () => string, () => string][] = [
    [
      'a filter of tc for what comes in',
      'IPv4',
      () => `tc qdisc add dev ${host} ingress
        tc filter add dev ${host} ingress protocol ip u32 match ip dst 10.96.0.10/32 action mirred egress redirect dev lo`,
      () => `tc qdisc delete dev ${host} ingress`,
      () =>
        `there node: a filter of tc (u32) sees first what comes in by ${host}, and is not followed here; it is shown by tc filter show dev ${host} ingress`,
    ],
    [
      'one for what goes out, on the port of a bridge',
      'IPv4',
      () => `tc qdisc add dev ${port} clsact
        tc filter add dev ${port} egress protocol ip u32 match ip dst 10.244.0.2/32 action mirred egress redirect dev lo`,
      () => `tc qdisc delete dev ${port} clsact`,
      () =>
        `there node: a filter of tc (u32) sees last what goes out by ${port}, and is not followed here; it is shown by tc filter show dev ${port} egress`,
    ],
    [
      'a chain of nf_tables for what comes in',
      'IPv6',
      () =>
        `nft 'table netdev wall { chain in { type filter hook ingress device ${host} priority 0; policy drop; }; }'`,
      () => 'nft delete table netdev wall',
      () =>
        `there node: the chain netdev wall in of nf_tables sees first what comes in by ${host}, and is not followed here; it is shown by nft list chain netdev wall in`,
    ],
    [
      'the same of the family inet',
      'IPv4',
      () => `nft 'table inet wall { chain in { type filter hook ingress device cni0 priority 0; policy drop; }; }'`,
      () => 'nft delete table inet wall',
      () =>
        'back node: the chain inet wall in of nf_tables sees first what comes in by cni0, and is not followed here; it is shown by nft list chain inet wall in',
    ],
    [
      'one for what goes out by any of several',
      'IPv6',
      () =>
        `nft 'table netdev wall { chain out { type filter hook egress devices = { eth0, cni0 } priority 0; policy drop; }; }'`,
      () => 'nft delete table netdev wall',
      () =>
        'there node: the chain netdev wall out of nf_tables sees last what goes out by cni0, and is not followed here; it is shown by nft list chain netdev wall out',
    ],
  ];
  test.each(filters)('%s', async (_, family, damage, mend, text) => {
    const dst = lab.clusterIP[family]!;
    sh(lab.node, damage());
    expect(await arrives(family)).toBe(false);
    expect(doubts(dst)).toEqual([text()]);
    sh(lab.node, /it is shown by (.*)/.exec(text())![1]!);
    sh(lab.node, mend());
    await comesThrough(family);
    expect(doubts(dst)).toEqual([]);
  });

  test('nothing, where there is room for filters and none', () => {
    sh(lab.node, `tc qdisc add dev ${host} clsact`);
    expect(doubts('10.96.0.10')).toEqual([]);
    sh(lab.node, `tc qdisc delete dev ${host} clsact`);
  });

  test('the parent of the NIC: on the way there, and back', async () => {
    const dst = lab.client.addresses.IPv4!;
    sh(
      lab.node,
      `tc qdisc add dev eth0 clsact
       for direction in ingress egress; do
         tc filter add dev eth0 $direction protocol ip u32 match ip protocol 6 0xff action mirred egress redirect dev lo
       done`,
    );
    expect(await arrives('IPv4', lab.client, dst)).toBe(false);
    expect(doubts(dst)).toEqual([
      'there node: a filter of tc (u32) sees last what goes out by eth0, and is not followed here; it is shown by tc filter show dev eth0 egress',
      'back node: a filter of tc (u32) sees first what comes in by eth0, and is not followed here; it is shown by tc filter show dev eth0 ingress',
    ]);
    sh(lab.node, 'tc qdisc delete dev eth0 clsact');
    expect(await arrives('IPv4', lab.client, dst)).toBe(true);
  });

  const programs: [ProgramKind, string, string][] = [
    ['xdp', 'there', 'an XDP program sees first what comes in by'],
    ['tcx ingress', 'there', 'a BPF program (tcx ingress) sees first what comes in by'],
    ['tcx egress', 'back', 'a BPF program (tcx egress) sees last what goes out by'],
  ];
  test.each(programs)('a program of BPF: %s', async (kind, direction, text) => {
    using netns = NetNs.open(lab.node.path);
    using rtnetlink = Rtnetlink.openIn(netns);
    const { index } = rtnetlink.execute(link.get({ name: host }))!;
    const attach = (answer: 'pass' | 'drop') => netns.run(() => attachProgram(index, kind, answer));
    // tcx came with Linux 6.6.
    if (kind !== 'xdp' && !since('6.6')) return expect(() => attach('pass')).toThrow('EINVAL');
    for (const answer of ['pass', 'drop'] as const) {
      using _program = attach(answer);
      expect(await arrives('IPv4')).toBe(answer === 'pass');
      expect(doubts('10.96.0.10')).toEqual([
        `${direction} node: ${text} ${host}, and is not followed here; it is shown by bpftool net show dev ${host}`,
      ]);
    }
    expect(await arrives('IPv4')).toBe(true);
    expect(doubts('10.96.0.10')).toEqual([]);
  });
});
