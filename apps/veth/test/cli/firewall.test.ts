// `veth trace` reads the rules that filter and translate, and says of a packet what the kernel does with it.
import { beforeAll, expect, test } from 'vitest';
import { flows } from '../../../../tools/lab/flows.ts';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import { inside, ip, type Namespace, run } from '../../../../tools/lab/namespace.ts';
import { underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { createPod, type Pod } from '../../../../tools/lab/pod.ts';
import { probe, serve } from '../../../../tools/lab/probe.ts';
import type { Trace } from '../../src/cli/trace/step.ts';
import { executable, runIn } from '../call.ts';
import { vethJson } from './call.ts';

let lab: Lab;
let pod: Pod;
beforeAll(async () => {
  lab = await createLab('wall-');
  pod = await createPod(lab.node, 'wall-pod', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
});

const where: Readonly<Record<string, () => Namespace>> = {
  node: () => lab.node,
  pod: () => pod,
  endpoint: () => lab.overlay,
};

const trace = (dst: string) => vethJson<Trace>(lab.node, ['trace', '--netns', pod.path, dst]);

/** Whether the kernel takes a connection from the pod to the service, and the answer back. */
async function arrives(family: 'IPv4' | 'IPv6'): Promise<boolean> {
  using _server = await serve([lab.overlay]);
  const ways = Object.values(flows(pod, lab.overlay, { addresses: { [family]: lab.clusterIP[family]! } }));
  return [...(await probe(ways)).values()].every(failure => failure === undefined);
}

type Fault = [name: string, place: string, family: 'IPv4' | 'IPv6', commands: string, verdict: RegExp];

const nft = (ruleset: string) => `nft --file - <<'END'\n${ruleset}\nEND`;
const works = /^works, in packets of up to 1500 bytes$/;

const faults: Fault[] = [
  [
    'a rule that drops what comes from the pod',
    'node',
    'IPv4',
    nft(`table inet wall { chain forward {
      type filter hook forward priority filter; policy accept;
      ip saddr 10.6.0.0/16 ip daddr 10.244.0.0/24 tcp dport 80 counter drop
    }; }`),
    /^stops on the node: the chain inet wall forward of nf_tables drops it: what goes from 10\.6\.0\.\d+ to 10\.244\.0\.2$/,
  ],
  [
    'one for another port, or another source',
    'node',
    'IPv4',
    nft(`table inet wall { chain forward {
      type filter hook forward priority filter; policy accept;
      tcp dport 443 drop
      ip saddr 10.7.0.0/16 drop
      meta l4proto udp drop
      ip saddr != { 10.6.0.0/16, 10.244.0.0/16 } drop
      tcp dport { 1-79, 81-65535 } ip saddr 10.6.0.0/16 drop
    }; }`),
    works,
  ],
  [
    'a set of networks with the pod’s in it',
    'node',
    'IPv4',
    nft(`table ip wall {
      set bad { type ipv4_addr; flags interval; elements = { 10.5.0.0/16, 10.6.0.64-10.6.0.250, 10.9.0.0/16 }; }
      chain forward { type filter hook forward priority filter; ip saddr @bad reject; }
    }`),
    /^stops on the node: the chain ip wall forward of nf_tables rejects it/,
  ],
  [
    'a set of networks and ports, of which the service’s is one',
    'node',
    'IPv6',
    nft(`table ip6 wall {
      set bad { type ipv6_addr . inet_service; flags interval; elements = { fd00:10:244::/64 . 70-90 }; }
      chain forward { type filter hook forward priority filter; ip6 daddr . tcp dport @bad drop; }
    }`),
    /^stops on the node: the chain ip6 wall forward of nf_tables drops it/,
  ],
  [
    'the other family’s rules',
    'node',
    'IPv6',
    nft('table ip wall { chain forward { type filter hook forward priority filter; policy drop; }; }'),
    works,
  ],
  [
    'a policy that drops, as Docker sets it',
    'node',
    'IPv4',
    'iptables-nft -P FORWARD DROP; iptables-nft -A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
    /^stops on the node: the chain ip filter FORWARD of nf_tables drops what none of its rules accepts: what goes from/,
  ],
  [
    'a policy that drops, before which a rule lets connections through',
    'node',
    'IPv4',
    `iptables-nft -P FORWARD DROP; iptables-nft -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
     iptables-nft -A FORWARD -p tcp -m multiport --dports 22,80,443 -m comment --comment web -j ACCEPT`,
    works,
  ],
  [
    'a rule that lets requests through, and none for replies',
    'node',
    'IPv4',
    `iptables-nft -P FORWARD DROP; iptables-nft -A FORWARD -o cni0 -m conntrack --ctstate NEW -j ACCEPT`,
    /^the reply stops on the node: the chain ip filter FORWARD of nf_tables drops what none of its rules accepts/,
  ],
  [
    'a chain that is jumped to, and rejects',
    'node',
    'IPv6',
    `ip6tables-nft -N KUBE-NWPLCY; ip6tables-nft -A FORWARD -s fd00:10:6::/64 -j KUBE-NWPLCY
     ip6tables-nft -A KUBE-NWPLCY -p tcp --dport 443 -j RETURN; ip6tables-nft -A KUBE-NWPLCY -j REJECT`,
    /^stops on the node: the chain ip6 filter KUBE-NWPLCY of nf_tables rejects it/,
  ],
  [
    'marks that one rule sets and another looks at',
    'node',
    'IPv4',
    `iptables-nft -t mangle -A PREROUTING -s 10.6.0.0/16 -j MARK --set-xmark 0x8/0xf
     iptables-nft -A FORWARD -m mark --mark 0x8/0x8 -j DROP`,
    /^stops on the node: the chain ip filter FORWARD of nf_tables drops it/,
  ],
  [
    'the pod’s own rules',
    'pod',
    'IPv4',
    nft(
      'table inet wall { chain output { type filter hook output priority filter; oifname "veth0" tcp dport 80 drop; }; }',
    ),
    /^stops in the pod: the chain inet wall output of nf_tables drops it/,
  ],
  [
    'the endpoint’s own rules',
    'endpoint',
    'IPv4',
    nft(
      'table inet wall { chain input { type filter hook input priority filter; policy drop; ct state established accept; }; }',
    ),
    /^stops in \S+: the chain inet wall input of nf_tables drops what none of its rules accepts/,
  ],
  [
    'a firewall that lets one port through, and replies',
    'node',
    'IPv6',
    nft(`table inet wall { chain forward {
      type filter hook forward priority filter; policy drop;
      ct state established,related accept
      ct state invalid drop
      tcp dport 80 ct direction original accept
    }; }`),
    works,
  ],
  [
    'a map of verdicts by interface',
    'node',
    'IPv6',
    nft(
      'table inet wall { chain forward { type filter hook forward priority filter; iifname vmap { "cni0" : drop, "eth0" : accept }; }; }',
    ),
    /^the reply stops on the node: the chain inet wall forward of nf_tables drops it/,
  ],
  [
    'of two chains with one priority, the later one runs first',
    'node',
    'IPv4',
    nft(`table inet early { chain forward { type filter hook forward priority 0; meta mark 0x8 drop; }; }
      table inet late { chain forward { type filter hook forward priority 0; meta mark set 0x8; }; }`),
    /^stops on the node: the chain inet early forward of nf_tables drops it/,
  ],
  [
    'the same in the other order',
    'node',
    'IPv6',
    nft(`table inet early { chain forward { type filter hook forward priority 0; meta mark set 0x8; }; }
      table inet late { chain forward { type filter hook forward priority 0; meta mark 0x8 drop; }; }`),
    works,
  ],
  [
    'what is translated is so after the rules of mangle, whatever priority the chain asks for',
    'node',
    'IPv4',
    nft(`table inet wall {
      chain services { type nat hook prerouting priority -160; ip daddr 10.96.0.10 dnat ip to 10.244.0.2; }
      chain mangle { type filter hook prerouting priority mangle; ip daddr 10.244.0.0/24 tcp dport 80 drop; }
    }`),
    works,
  ],
  [
    'a range of marks',
    'node',
    'IPv6',
    nft(`table inet wall {
      chain mangle { type filter hook prerouting priority mangle; tcp dport 80 meta mark set 0x4001; }
      chain forward { type filter hook forward priority 0; meta mark vmap { 0x1-0x3fff : accept, 0x4000-0x4fff : drop }; }
    }`),
    /^stops on the node: the chain inet wall forward of nf_tables drops it/,
  ],
  [
    'rules that come before conntrack, and know no connection',
    'node',
    'IPv4',
    nft(`table inet wall { chain raw {
      type filter hook prerouting priority raw;
      ct state { new, established } drop
      ct mark 0x0 drop
      ct direction original drop
    }; }`),
    works,
  ],
  [
    'the same of iptables',
    'node',
    'IPv6',
    `ip6tables-nft -t raw -A PREROUTING -m conntrack --ctstate NEW,ESTABLISHED -j DROP
     ip6tables-nft -t raw -A PREROUTING -m connmark --mark 0 -j DROP`,
    works,
  ],
  [
    'one that takes no connection for an invalid one',
    'node',
    'IPv4',
    nft('table inet wall { chain raw { type filter hook prerouting priority raw; ct state invalid drop; }; }'),
    /^stops on the node: the chain inet wall raw of nf_tables drops it/,
  ],
  [
    'interfaces by their index',
    'node',
    'IPv6',
    nft(`table inet wall { chain forward {
      type filter hook forward priority filter; policy drop;
      iif "lo" drop
      oif "cni0" accept
    }; }`),
    /^the reply stops on the node: the chain inet wall forward of nf_tables drops what none of its rules accepts/,
  ],
  [
    'the type of an address',
    'node',
    'IPv4',
    nft(`table inet wall { chain mangle {
      type filter hook prerouting priority mangle;
      fib saddr type local drop
      fib daddr type local drop
      fib saddr type unicast fib daddr type unicast tcp dport 80 drop
    }; }`),
    /^stops on the node: the chain inet wall mangle of nf_tables drops it/,
  ],
  [
    'the mark of a connection, that the reply has too',
    'node',
    'IPv4',
    nft(`table inet wall {
      chain mangle { type filter hook prerouting priority mangle; ct state new tcp dport 80 ct mark set ct mark or 0x10; }
      chain forward { type filter hook forward priority 0; ct direction reply ct mark and 0xf0 == 0x10 drop; }
    }`),
    /^the reply stops on the node: the chain inet wall forward of nf_tables drops it/,
  ],
];

test.each(faults)('%s (%s, %s)', async (_, place, family, commands, verdict) => {
  const namespace = where[place]!();
  const before = run(inside(namespace, ['nft', 'list', 'ruleset']));
  const dst = lab.clusterIP[family]!;
  run(inside(namespace, ['sh', '-ec', commands]));
  try {
    expect(await arrives(family)).toBe(verdict === works);
    const traced = trace(dst);
    expect(traced.verdict).toMatch(verdict);
    expect(traced.works).toBe(verdict === works);
    // What is advised is a look at the rules: it must be a command that works.
    const remedy = traced.steps.at(-1)!.stops?.remedy;
    if (remedy) expect(run(inside(lab.node, ['sh', '-ec', remedy]))).toContain('chain');
  } finally {
    run(inside(namespace, ['nft', '--file', '-']), `flush ruleset\n${before}`);
  }
});

test.each([
  [
    'nf_tables',
    'IPv4',
    nft('table ip mesh { chain out { type nat hook output priority -100; tcp dport 80 redirect to :15001; }; }'),
  ],
  [
    'nf_tables',
    'IPv6',
    nft('table ip6 mesh { chain out { type nat hook output priority -100; tcp dport 80 redirect to :15001; }; }'),
  ],
  ['iptables', 'IPv4', 'iptables-nft -t nat -A OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 15001'],
  ['iptables', 'IPv6', 'ip6tables-nft -t nat -A OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 15001'],
] as const)('what a service mesh takes in the pod goes no further (%s, %s)', async (_, family, commands) => {
  const dst = lab.clusterIP[family]!;
  const before = run(inside(pod, ['nft', 'list', 'ruleset']));
  run(inside(pod, ['sh', '-ec', commands]));
  expect(await arrives(family)).toBe(false);
  const delivered = expect.stringMatching(/ is an address of this place: delivered$/);
  expect(trace(dst).steps.map(({ text }) => text)).toEqual([
    `${dst} is translated to ${family === 'IPv4' ? '127.0.0.1' : '::1'}, by a rule of nf_tables`,
    delivered,
    delivered,
  ]);
  run(inside(pod, ['nft', '--file', '-']), `flush ruleset\n${before}`);
});

test('what the node redirects to itself is pointed at', () => {
  const before = run(inside(lab.node, ['nft', 'list', 'ruleset']));
  run(
    inside(lab.node, ['nft', '--file', '-']),
    'table ip proxy { chain in { type nat hook prerouting priority -150; tcp dport 80 redirect to :3128; }; }',
  );
  const doubts = trace(lab.clusterIP.IPv4!).steps.flatMap(({ doubtful, text }) => (doubtful ? [text] : []));
  run(inside(lab.node, ['nft', '--file', '-']), `flush ruleset\n${before}`);
  expect(doubts).toEqual([
    'the chain ip proxy in of nf_tables might translate it: that depends on more than can be seen here',
  ]);
});

test('rules that must not be read are pointed at, once in each place', () => {
  const command = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin', executable];
  const { status, stdout } = runIn(lab.node, [...command, 'trace', '--netns', pod.path, '10.6.0.10'], {
    env: {},
    input: '',
  });
  expect(status).toBe(0);
  const doubts = stdout.split('\n').filter(line => line.includes(' ? '));
  const text =
    'the rules of nf_tables cannot be read here, and what they do with the packet is not known: chain.list {}: EPERM';
  expect(doubts).toEqual([expect.stringContaining(`pod   ? ${text}`), expect.stringContaining(`node  ? ${text}`)]);
  expect(stdout).toMatch(/^verdict: works, .*; but see step 1 and \d$/m);
});

test('rules that look at more than is known are pointed at, and stop nothing', () => {
  const before = run(inside(lab.node, ['nft', 'list', 'ruleset']));
  run(
    inside(lab.node, ['nft', '--file', '-']),
    `table inet wall { chain forward {
       type filter hook forward priority filter; policy accept;
       ip saddr 10.6.0.0/16 limit rate over 1/minute drop
       ip saddr 10.7.0.0/16 limit rate over 1/minute drop
       tcp flags syn accept
       ip saddr 10.6.0.0/16 drop
     }; }`,
  );
  const { works, verdict, steps } = trace(lab.clusterIP.IPv4!);
  run(inside(lab.node, ['nft', '--file', '-']), `flush ruleset\n${before}`);
  const doubtful = steps.flatMap(({ doubtful, text }, i) => (doubtful ? [{ step: i + 1, text }] : []));
  const text = 'the chain inet wall forward of nf_tables might drop it: that depends on more than can be seen here';
  expect(doubtful.map(({ text }) => text)).toEqual([text, text]);
  expect(works).toBe(true);
  expect(verdict).toBe(
    `works, in packets of up to 1500 bytes; but see step ${doubtful.map(({ step }) => step).join(' and ')}`,
  );
});

test('what a rule computes that is not known here may match', async () => {
  const before = run(inside(lab.node, ['nft', 'list', 'ruleset']));
  run(
    inside(lab.node, ['nft', '--file', '-']),
    'table inet wall { chain forward { type filter hook forward priority 0; ct direction original tcp option maxseg size 500-65535 drop; }; }',
  );
  expect(await arrives('IPv4')).toBe(false);
  const doubts = trace(lab.clusterIP.IPv4!).steps.flatMap(({ doubtful, text }) => (doubtful ? [text] : []));
  run(inside(lab.node, ['nft', '--file', '-']), `flush ruleset\n${before}`);
  expect(doubts).toEqual([
    'the chain inet wall forward of nf_tables might drop it: that depends on more than can be seen here',
  ]);
});

test.each([
  ['route', false],
  ['filter', true],
] as const)(
  'a mark that a chain of type %s sets in what the pod sends (leaves the route as it is: %s)',
  async (type, ok) => {
    const before = run(inside(pod, ['nft', 'list', 'ruleset']));
    run(
      inside(pod, ['nft', '--file', '-']),
      `table inet wall { chain output { type ${type} hook output priority mangle; tcp dport 80 meta mark set 0x9; }; }`,
    );
    ip(pod, ['rule add fwmark 0x9 priority 77 blackhole']);
    expect(await arrives('IPv4')).toBe(ok);
    expect(trace(lab.clusterIP.IPv4!).verdict).toMatch(ok ? works : /^stops in the pod: .*77 fwmark 0x9/);
    ip(pod, ['rule delete priority 77']);
    run(inside(pod, ['nft', '--file', '-']), `flush ruleset\n${before}`);
  },
);

test.each([
  ['what it sends', 'output priority 0; oifname lo tcp dport 80 drop', /^stops in the pod: the chain inet wall own/],
  ['what leaves by it', 'postrouting priority 0; oifname lo drop', /^stops in the pod: the chain inet wall own/],
  ['what comes by it', 'prerouting priority 0; iifname lo drop', /^stops in the pod: the chain inet wall own/],
  ['the reply', 'input priority 0; tcp sport 80 drop', /^the reply stops in the pod: the chain inet wall own/],
  ['what passes no other', 'forward priority 0; drop', /^works$/],
] as const)('a pod that reaches itself does so through lo, where a rule sees %s', async (_, hook, verdict) => {
  const before = run(inside(pod, ['nft', 'list', 'ruleset']));
  run(inside(pod, ['nft', '--file', '-']), `table inet wall { chain own { type filter hook ${hook}; }; }`);
  using _server = await serve([pod]);
  for (const family of ['IPv4', 'IPv6'] as const) {
    const [way] = Object.values(flows(pod, pod, { addresses: { [family]: pod.addresses[family]! } }));
    const { verdict: said, works } = trace(pod.addresses[family]!);
    expect(said).toMatch(verdict);
    expect([...(await probe([way!])).values()].every(failure => failure === undefined)).toBe(works);
  }
  run(inside(pod, ['nft', '--file', '-']), `flush ruleset\n${before}`);
});
