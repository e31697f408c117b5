// `veth trace` says that a packet comes through where it does, and names the culprit where it does not.
import { beforeAll, describe, expect, test } from 'vitest';
import { flows } from '../../../../tools/lab/flows.ts';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import { ip, sysctl } from '../../../../tools/lab/namespace.ts';
import { overlay, underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { createPod, type Pod } from '../../../../tools/lab/pod.ts';
import { probe, serve } from '../../../../tools/lab/probe.ts';
import type { Inspection } from '../../src/cli/inspect/inspection.ts';
import type { Trace } from '../../src/cli/trace/step.ts';
import { namesOf } from '../../src/identity.ts';
import { sh, veth, vethJson } from './call.ts';

let lab: Lab;
let pod: Pod;
let host: string;
beforeAll(async () => {
  lab = await createLab('way-');
  pod = await createPod(lab.node, 'way-pod', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
  host = namesOf(pod.nics[0]!.attachment.containerID).hostName;
});

const args = (dst: string) => ['trace', '--netns', pod.path, dst];
const trace = (dst: string) => vethJson<Trace>(lab.node, args(dst));
const texts = ({ steps }: Trace) => steps.map(({ direction, place, text }) => `${direction} ${place}: ${text}`);

describe('what works', () => {
  test('a ClusterIP: translated on the node, delivered to the overlay’s pod, and back', () => {
    const traced = trace(lab.clusterIP.IPv4!);
    expect(traced).toMatchObject({
      works: true,
      source: pod.addresses.IPv4,
      verdict: 'works, in packets of up to 1500 bytes',
    });
    expect(texts(traced)).toEqual([
      `there pod: to 10.96.0.10 from ${pod.addresses.IPv4}: route 10.96.0.0/16 via 169.254.1.1 dev veth0`,
      `there pod: through the pair veth0 ── ${host} to node`,
      `there node: 10.96.0.10 is translated to ${lab.overlay.addresses.IPv4}, by a rule of nf_tables`,
      expect.stringMatching(/^there node: to 10\.244\.0\.2 from \S+: route 10\.244\.0\.0\/24 dev cni0$/),
      expect.stringMatching(/^there node: through the bridge cni0 and its port veth\w+ to \/run\/netns\/way-overlay$/),
      `there /run/netns/way-overlay: ${lab.overlay.addresses.IPv4} is an address of this place: delivered`,
      expect.stringMatching(
        /^back \/run\/netns\/way-overlay: to \S+ from 10\.244\.0\.2: route 0\.0\.0\.0\/0 via 10\.244\.0\.1 dev eth0$/,
      ),
      'back /run/netns/way-overlay: through the bridge cni0 to node',
      expect.stringMatching(`^back node: to \\S+ from 10.244.0.2: route ${pod.addresses.IPv4}/32 dev ${host}$`),
      `back node: through the pair ${host} ── veth0 to pod`,
      `back pod: ${pod.addresses.IPv4} is an address of this place: delivered`,
    ]);
  });

  test('the same over IPv6', () => {
    expect(trace(lab.clusterIP.IPv6!)).toMatchObject({ works: true, source: pod.addresses.IPv6 });
  });

  test('the own node, and a client on the LAN as far as can be seen', () => {
    expect(trace(lab.node.addresses.IPv4!)).toMatchObject({ works: true });
    const { works, verdict } = trace(lab.client.addresses.IPv4!);
    expect({ works, verdict }).toMatchObject({
      works: true,
      verdict: expect.stringContaining('as far as can be seen from here'),
    });
    const { status, stdout } = veth(lab.node, args(lab.client.addresses.IPv4!));
    expect(status).toBe(0);
    expect(stdout).toMatch(/ 2 {2}pod {2}leaves by eth0, macvlan, for 10\.6\.0\.20/);
  });
});

describe('a reply to what came in through the pair, told by the mark of reply_path,', () => {
  test('goes back by the pair, where another packet to the same client leaves by the NIC', async () => {
    const replying = await createPod(lab.node, 'way-reply', {
      eth0: underlay(lab.node, lab.lan.ranges, [{ ...vethConf, reply_path: {} }]),
    });
    for (const family of ['IPv4', 'IPv6'] as const) {
      const to = ['trace', '--netns', replying.path, lab.client.addresses[family]!];
      const pair = expect.stringMatching(/^there pod: through the pair veth0 ── /);
      const marked = vethJson<Trace>(lab.node, [...to, '--mark', '0x20000000']);
      expect(marked.works).toBe(true);
      expect(texts(marked)[0]).toContain('rule 8599 fwmark 0x20000000, route');
      expect(texts(marked)).toContainEqual(pair);
      expect(texts(vethJson<Trace>(lab.node, to))).not.toContainEqual(pair);
    }
  });

  test('what is no mark is refused', () => {
    const { status, stderr } = veth(lab.node, [...args('10.6.0.20'), '--mark', 'red']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('red is no mark') });
  });
});

describe('the reply of a pod on the same bridge as the asking one', () => {
  test.each([
    ['works where br_netfilter shows it to the node’s rules', 1, /^works/],
    [
      'stops where the bridge passes it on unseen, and the remedy lets it through',
      0,
      /^the reply stops in \S+: the bridge cni0 passes the reply on as it is \(sysctl net\/bridge\/bridge-nf-call-ip6?tables is 0\)/,
    ],
  ])('%s', async (_, shown, verdict) => {
    const asking = await createPod(lab.node, `way-bridged${shown}`, {
      eth0: overlay(lab.node, { IPv4: '10.244.0.0/24', IPv6: 'fd00:10:244::/64' }),
      net1: underlay(lab.node, lab.lan.ranges, [vethConf]),
    });
    sysctl(lab.node, { 'net.bridge.bridge-nf-call-iptables': shown, 'net.bridge.bridge-nf-call-ip6tables': shown });
    using _servers = await serve([lab.overlay]);
    const ways = Object.values(flows(asking, lab.overlay, { addresses: lab.clusterIP }));
    const failing = async () => [...(await probe(ways)).values()].filter(failure => failure !== undefined);
    expect(await failing()).toHaveLength(shown ? 0 : 2);
    for (const address of Object.values(lab.clusterIP)) {
      const traced = vethJson<Trace>(lab.node, ['trace', '--netns', asking.path, address]);
      expect(traced.verdict).toMatch(verdict);
      const remedy = traced.steps.at(-1)!.stops?.remedy;
      if (remedy) sh(lab.node, remedy);
    }
    expect(await failing()).toEqual([]);
    // Without a service in between nothing has to be undone.
    const direct = vethJson<Trace>(lab.node, ['trace', '--netns', asking.path, lab.overlay.addresses.IPv4!]);
    expect(direct.verdict).toBe('works, in packets of up to 1500 bytes');
  });
});

describe('what stops, with the culprit, and the remedy lets it through', () => {
  const clusterIP = '10.96.0.10';
  const stops: [string, string, () => void, RegExp][] = [
    [
      'a missing neighbour',
      clusterIP,
      () => ip(pod, ['neighbour delete 169.254.1.1 dev veth0']),
      /^stops in the pod: neighbour 169\.254\.1\.1 dev veth0 is missing, and node does not answer for it$/,
    ],
    [
      'a neighbour with another’s hardware address',
      clusterIP,
      () => ip(pod, ['neighbour replace 169.254.1.1 lladdr 02:00:00:00:00:01 dev veth0 nud permanent']),
      /^stops in the pod: neighbour 169\.254\.1\.1 dev veth0 has 02:00:00:00:00:01, but the other end is/,
    ],
    [
      'a smaller MTU at the other end',
      clusterIP,
      () => ip(lab.node, [`link set ${host} mtu 1400`]),
      /^stops in the pod: mtu: veth0 sends up to 1500 bytes, and its peer veth\w+ \(node\) drops what is larger than 1400$/,
    ],
    [
      'a link that is down',
      clusterIP,
      () => ip(lab.node, [`link set ${host} down`]),
      /^stops in the pod: link veth0 has no carrier/,
    ],
    [
      'a node that does not forward',
      clusterIP,
      () => sysctl(lab.node, { 'net.ipv4.conf.all.forwarding': 0 }),
      /^stops on the node: sysctl net\/ipv4\/conf\/all\/forwarding is 0/,
    ],
    [
      'a node that does not forward IPv6',
      'fd00:10:96::10',
      () => sysctl(lab.node, { 'net.ipv6.conf.all.forwarding': 0 }),
      /^stops on the node: sysctl net\/ipv6\/conf\/all\/forwarding is 0/,
    ],
    [
      'strict rp_filter on the node, where the way back is another',
      '10.244.0.2',
      () => {
        ip(lab.node, [`route delete ${pod.addresses.IPv4}`]);
        sysctl(lab.node, { [`net.ipv4.conf.${host}.rp_filter`]: 1 });
      },
      /^stops on the node: rp_filter drops what comes from 10\.6\.0\.\d+ in by veth\w+: the way back to \S+ is by eth0/,
    ],
  ];

  test.each(stops)('%s', (_, dst, damage, verdict) => {
    expect(trace(dst).works).toBe(true);
    damage();
    const traced = trace(dst);
    expect(traced.verdict).toMatch(verdict);
    expect(veth(lab.node, args(dst)).status).toBe(1);
    const remedy = traced.steps.at(-1)!.stops?.remedy;
    if (remedy) sh(lab.node, remedy);
    // What went with a link, or was taken away to show something else, is for inspect to tell.
    const { pods } = vethJson<Inspection>(lab.node, ['inspect', '--netns', pod.path]);
    for (const finding of pods[0]!.findings) sh(lab.node, finding.remedy!);
    expect(trace(dst).verdict).toMatch(/^works/);
  });

  test('the node past the pair: a macvlan never reaches it', () => {
    ip(pod, ['route delete 10.6.0.10']);
    expect(trace('10.6.0.10').verdict).toMatch(
      /^stops in the pod: 10\.6\.0\.10 is the node's, and eth0, a macvlan, never reaches/,
    );
    ip(pod, [`route add 10.6.0.10 via 169.254.1.1 dev veth0 onlink src ${pod.addresses.IPv4} proto 86`]);
  });

  test('no route at all', () => {
    ip(pod, ['route delete default']);
    expect(trace('192.0.2.1').verdict).toBe('stops in the pod: no route to 192.0.2.1');
  });
});

test('what is no address is refused', () => {
  expect(veth(lab.node, args('example'))).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^veth: trace: .*example/),
  });
});
