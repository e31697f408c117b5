// `veth trace` says that a packet comes through where it does, and names the culprit where it does not.
import { existsSync } from 'node:fs';
import { NetNs } from '@spider/netns';
import type { Link } from '@spider/rtnetlink';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flows } from '../../../../tools/lab/flows.ts';
import type { Lab } from '../../../../tools/lab/lab.ts';
import type { Host } from '../../../../tools/lab/lan.ts';
import { createNamespace, inside, ip, run, show, sysctl } from '../../../../tools/lab/namespace.ts';
import { overlay, underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { createPod, type Pod } from '../../../../tools/lab/pod.ts';
import { probe, serve } from '../../../../tools/lab/probe.ts';
import { createClusterIP } from '../../../../tools/lab/service.ts';
import type { Inspection } from '../../src/cli/inspect/inspection.ts';
import { Places } from '../../src/cli/trace/places.ts';
import type { Trace } from '../../src/cli/trace/step.ts';
import { walk } from '../../src/cli/trace/walk.ts';
import { executable, runIn } from '../call.ts';
import { sh, veth, vethJson } from './call.ts';
import * as way from './way.ts';

let lab: Lab;
let pod: Pod;
let host: string;
let port: string;
let servers: Disposable;
beforeAll(async () => {
  ({ lab, pod, host, port } = await way.createTracedLab('way-'));
  servers = await serve([lab.overlay, lab.node]);
  // From now on its MTU stays as it is, whatever those of its ports are.
  ip(lab.node, ['link set cni0 mtu 1450', 'link set cni0 mtu 1500']);
});
afterAll(() => servers[Symbol.dispose]());

const args = (dst: string) => ['trace', '--netns', pod.path, dst];
const trace = (dst: string) => vethJson<Trace>(lab.node, args(dst));

/** Whether the kernel says the same. */
const arrives = (dst: string, to: Host = lab.overlay) => way.arrives(pod, to, dst);

/** Whether one packet of 1500 bytes gets from the pod to the node's end of the pair. */
async function arrivesWhole(dst: string): Promise<boolean> {
  const bytes = () =>
    show<{ stats64: { rx: { bytes: number } } }>(lab.node, '-s', 'link', 'show', host)[0]!.stats64.rx.bytes;
  const before = bytes();
  run(inside(pod, ['bash', '-c', `head --bytes=1472 /dev/zero > /dev/udp/${dst}/9`]));
  return bytes() - before >= 1472;
}

/** Whether one packet of 1500 bytes gets from the pod into the namespace of the overlay's. */
async function comesWhole(): Promise<boolean> {
  const bytes = () =>
    show<{ stats64: { rx: { bytes: number } } }>(lab.overlay, '-s', 'link', 'show', 'eth0')[0]!.stats64.rx.bytes;
  const before = bytes();
  run(inside(pod, ['bash', '-c', `head --bytes=1472 /dev/zero > /dev/udp/${lab.overlay.addresses.IPv4}/9`]));
  return bytes() - before >= 1472;
}
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
  // A module, which these tests do not load: it changes what the machine's own bridges do.
  const isLoaded = existsSync('/proc/sys/net/bridge');
  const setFiltered = (value: number) =>
    sysctl(lab.node, { 'net.bridge.bridge-nf-call-iptables': value, 'net.bridge.bridge-nf-call-ip6tables': value });
  let asking: Pod;
  beforeAll(async () => {
    asking = await createPod(lab.node, 'way-bridged', {
      eth0: overlay(lab.node, { IPv4: '10.244.0.0/24', IPv6: 'fd00:10:244::/64' }),
      net1: underlay(lab.node, lab.lan.ranges, [vethConf]),
    });
  });
  const failing = async () => {
    const verdicts = await probe(Object.values(flows(asking, lab.overlay, { addresses: lab.clusterIP })));
    return [...verdicts.values()].filter(failure => failure !== undefined);
  };
  const traced = (address: string) => vethJson<Trace>(lab.node, ['trace', '--netns', asking.path, address]);

  test.runIf(isLoaded)('works where br_netfilter shows it to the node’s rules', async () => {
    setFiltered(1);
    expect(await failing()).toEqual([]);
    for (const address of Object.values(lab.clusterIP)) expect(traced(address).verdict).toMatch(/^works/);
  });

  test.runIf(isLoaded)('and the packet itself are seen by the node’s rules where br_netfilter shows them', async () => {
    const ways = flows(asking, lab.overlay);
    const walls = [
      ['prerouting', 'tcp dport 80', /^stops on the node: the chain inet wall seen/],
      ['forward', 'iifname cni0 oifname cni0 tcp sport 80', /^the reply stops on the node: the chain inet wall seen/],
      ['forward', 'iifname veth*', /^works/],
      ['input', 'tcp dport 80', /^works/],
    ] as const;
    for (const filtered of [1, 0]) {
      setFiltered(filtered);
      for (const [hook, match, verdict] of walls) {
        const rule = `table inet wall { chain seen { type filter hook ${hook} priority 0; ${match} drop; }; }`;
        run(inside(lab.node, ['nft', '--file', '-']), rule);
        const expected = filtered ? verdict : /^works/;
        for (const way of Object.values(ways)) {
          const failure = (await probe([way])).get(way);
          expect(failure === undefined, `${rule} ${filtered}: ${failure}`).toBe(expected.test('works'));
          expect(traced(way.address).verdict).toMatch(expected);
        }
        run(inside(lab.node, ['nft', 'delete', 'table', 'inet', 'wall']));
      }
    }
  });

  test.runIf(isLoaded)(
    'to itself, through a service: its port sends nothing back, unless that is asked for',
    async () => {
      const service = { IPv4: '10.96.0.31', IPv6: 'fd00:10:96::31' };
      createClusterIP(lab.node, 'own', service, asking.addresses, true);
      using _server = await serve([asking]);
      const sources = { IPv4: '10.244.0.1', IPv6: 'fd00:10:244::1' };
      for (const way of Object.values(flows(asking, asking, { addresses: service, sources }))) {
        const works = async () => (await probe([way])).get(way) === undefined;
        setFiltered(0);
        expect(await works()).toBe(true);
        expect(traced(way.address).verdict).toMatch(/^works/);
        setFiltered(1);
        expect(await works()).toBe(false);
        const { verdict, steps } = traced(way.address);
        expect(verdict).toMatch(
          /^stops on the node: \S+ is behind the bridge's port veth\w+, by which the packet came in/,
        );
        const { remedy } = steps.at(-1)!.stops!;
        sh(lab.node, remedy!);
        expect(await works()).toBe(true);
        expect(traced(way.address).verdict).toMatch(/^works/);
        sh(lab.node, remedy!.replace(/on$/, 'off'));
      }
      run(inside(lab.node, ['nft', 'delete', 'table', 'inet', 'own']));
    },
  );

  test.runIf(isLoaded)('stops where the bridge passes it on unseen, and the remedy lets it through', async () => {
    setFiltered(0);
    expect(await failing()).toHaveLength(2);
    for (const address of Object.values(lab.clusterIP)) {
      const { verdict, steps } = traced(address);
      expect(verdict).toMatch(
        /^the reply stops on the node: the bridge cni0 passes the reply on as it is \(sysctl net\/bridge\/bridge-nf-call-ip6?tables is 0\)/,
      );
      sh(lab.node, steps.at(-1)!.stops!.remedy!);
    }
    expect(await failing()).toEqual([]);
  });

  test('stops without the module, which there is no setting of then', async () => {
    if (isLoaded) setFiltered(0);
    expect(await failing()).toHaveLength(2);
    const hidden = ['unshare', '--mount', 'sh', '-ec', 'mount -t tmpfs tmpfs /proc/sys/net/bridge && exec "$@"', 'sh'];
    const command = [...(isLoaded ? hidden : []), executable, 'trace', '--netns', asking.path, '10.96.0.10'];
    const { status, stdout } = runIn(lab.node, command, { env: { PATH: process.env['PATH']! }, input: '' });
    expect(status).toBe(1);
    expect(stdout).toMatch(/passes the reply on as it is \(br_netfilter is not loaded\).*\n +modprobe br_netfilter\n/);
    if (isLoaded) setFiltered(1);
  });

  test('has nothing to be undone without a service in between', () => {
    expect(traced(lab.overlay.addresses.IPv4!).verdict).toBe('works, in packets of up to 1500 bytes');
  });
});

test('two ports of a bridge that are isolated: each reaches who has the bridge, and not the other', async () => {
  const asking = await createPod(lab.node, 'way-isolated', {
    eth0: overlay(lab.node, { IPv4: '10.244.0.0/24', IPv6: 'fd00:10:244::/64' }),
    net1: underlay(lab.node, lab.lan.ranges, [vethConf]),
  });
  const ports = show<{ ifname: string }>(lab.node, 'link', 'show', 'master', 'cni0').map(({ ifname }) => ifname);
  const isolate = (value: 'on' | 'off') =>
    sh(lab.node, ports.map(dev => `bridge link set dev ${dev} isolated ${value}`).join('; '));
  const way = flows(asking, lab.overlay, { addresses: { IPv4: '10.244.0.2' } }).IPv4!;
  const asked = () => vethJson<Trace>(lab.node, ['trace', '--netns', asking.path, '10.244.0.2']);
  expect((await probe([way])).get(way)).toBeUndefined();
  expect(asked().verdict).toMatch(/^works/);
  isolate('on');
  expect((await probe([way])).get(way)).toBeDefined();
  const { verdict, steps } = asked();
  expect(verdict).toMatch(
    /^stops in the pod: the ports veth\w+ and veth\w+ of the bridge cni0 are isolated: neither reaches/,
  );
  expect(trace('10.244.0.2').verdict).toMatch(/^works/);
  sh(lab.node, steps.at(-1)!.stops!.remedy!);
  await expect.poll(async () => (await probe([way])).get(way)).toBeUndefined();
  isolate('off');
});

test.each(['224.0.0.1', 'ff02::1', '255.255.255.255', '10.6.255.255'])('to %s no connection leads', dst => {
  expect(trace(dst).verdict).toMatch(/^stops in the pod: \S+ is a (multi|broad)cast address/);
});

describe('what looks wrong and is not', () => {
  const oddities: [string, string, () => void, () => void][] = [
    [
      'a missing neighbour that answers for itself',
      '10.96.0.10',
      () => ip(lab.node, [`neighbour delete ${pod.addresses.IPv4} dev ${host}`]),
      () => {},
    ],
    [
      'IPv6 forwarding that is off for the pair alone: the kernel looks at that of all',
      'fd00:10:96::10',
      () => sysctl(lab.node, { [`net.ipv6.conf.${host}.forwarding`]: 0 }),
      () => sysctl(lab.node, { [`net.ipv6.conf.${host}.forwarding`]: 1 }),
    ],
  ];
  test.each(oddities)('%s', async (_, dst, change, restore) => {
    change();
    expect(await arrives(dst)).toBe(true);
    expect(trace(dst).verdict).toMatch(/^works/);
    restore();
  });

  // Since Linux 6.17.
  test.runIf(existsSync('/proc/sys/net/ipv6/conf/all/force_forwarding'))(
    'IPv6 forwarding that is off for all but forced for these interfaces',
    async () => {
      const forced = (value: number) =>
        Object.fromEntries([host, 'cni0'].map(dev => [`net.ipv6.conf.${dev}.force_forwarding`, value]));
      sysctl(lab.node, { 'net.ipv6.conf.all.forwarding': 0, ...forced(1) });
      expect(await arrives('fd00:10:96::10')).toBe(true);
      expect(trace('fd00:10:96::10').verdict).toMatch(/^works/);
      sysctl(lab.node, { 'net.ipv6.conf.all.forwarding': 1, ...forced(0) });
    },
  );

  test('the port of a bridge that is a macvlan: it leads to the LAN, and never to its parent’s machine', async () => {
    const machine = createNamespace('way-machine');
    ip(machine, [
      'link add lan up type bridge',
      'address add 198.51.100.1/24 dev lan',
      `link add port link lan netns ${lab.node.name} type macvlan mode bridge`,
    ]);
    ip(lab.node, [
      'link add switch up type bridge',
      'link set port up master switch',
      'address add 198.51.100.2/24 dev switch',
    ]);
    ip(pod, ['route add 198.51.100.0/24 via 169.254.1.1 dev veth0 onlink']);
    ip(machine, [`route add ${pod.addresses.IPv4} via 198.51.100.2`]);
    // Before the kernel has asked in vain.
    expect(texts(trace('198.51.100.1')).join('\n')).not.toContain('way-machine');
    using _server = await serve([machine]);
    expect(await arrives('198.51.100.1', { ...machine, addresses: { IPv4: '198.51.100.1' } })).toBe(false);
  });
});

describe('what stops, with the culprit, and the remedy lets it through', () => {
  const clusterIP = '10.96.0.10';
  const stops: [string, string, () => void, RegExp, ((dst: string) => Promise<boolean>)?][] = [
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
      'the pod’s address with another’s hardware address on the node',
      '10.244.0.2',
      () =>
        ip(lab.node, [`neighbour replace ${pod.addresses.IPv4} lladdr 02:00:00:00:00:01 dev ${host} nud permanent`]),
      /^the reply stops on the node: neighbour 10\.6\.0\.\d+ dev veth\w+ has 02:00:00:00:00:01, but the other end is/,
    ],
    [
      'a smaller MTU at the other end',
      clusterIP,
      () => ip(lab.node, [`link set ${host} mtu 1400`]),
      /^stops in the pod: mtu: veth0 sends up to 1500 bytes, and its peer veth\w+ \(node\) drops what is larger than 1400$/,
      arrivesWhole,
    ],
    [
      'a link that is down',
      clusterIP,
      () => ip(lab.node, [`link set ${host} down`]),
      /^stops in the pod: link veth0 has no carrier: its other end, veth\w+ \(node\), is down$/,
    ],
    [
      'a node that does not forward',
      clusterIP,
      () => sysctl(lab.node, { 'net.ipv4.conf.all.forwarding': 0 }),
      /^stops on the node: sysctl net\/ipv4\/conf\/all\/forwarding is 0/,
    ],
    [
      'a pair from which the node does not forward',
      clusterIP,
      () => sysctl(lab.node, { [`net.ipv4.conf.${host}.forwarding`]: 0 }),
      /^stops on the node: sysctl net\/ipv4\/conf\/veth\w+\/forwarding is 0/,
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
    [
      'a pair that became the port of a bridge',
      '10.244.0.2',
      () => ip(lab.node, [`link set ${host} master cni0`]),
      /^stops on the node: rp_filter drops what comes from \S+ in by cni0: the way back to \S+ is by \w+ \(/,
    ],
    [
      'a port of a bridge that is disabled',
      clusterIP,
      () => run(inside(lab.node, ['bridge', 'link', 'set', 'dev', port, 'state', '0'])),
      /^stops on the node: the port veth\w+ of the bridge cni0 is disabled: nothing comes through it$/,
    ],
    [
      'a smaller MTU of the port of a bridge',
      '10.244.0.2',
      () => ip(lab.node, [`link set ${port} mtu 1400`]),
      /^stops on the node: mtu: up to 1500 bytes are sent, and the port veth\w+ of the bridge cni0 drops what is larger than 1400$/,
      comesWhole,
    ],
    [
      'the address of an endpoint with another’s hardware address',
      clusterIP,
      () => ip(lab.node, ['neighbour replace 10.244.0.2 lladdr 02:00:00:00:00:77 dev cni0 nud permanent']),
      /^stops on the node: neighbour 10\.244\.0\.2 dev cni0 has 02:00:00:00:00:77, but who has the address is \S+, behind veth/,
    ],
    [
      'a route to the pod that is missing on the node, for IPv6',
      'fd00:10:96::10',
      () => ip(lab.node, [`route delete ${pod.addresses.IPv6}`]),
      /^the reply stops on the node: the way back to \S+ is by eth0, and not through the pair, by \w+$/,
    ],
    [
      'loose rp_filter on the node, where the way back is another: the pair has no address there',
      '10.244.0.2',
      () => {
        ip(lab.node, [`route delete ${pod.addresses.IPv4}`]);
        sysctl(lab.node, { [`net.ipv4.conf.${host}.rp_filter`]: 2 });
      },
      /^stops on the node: rp_filter drops what comes from 10\.6\.0\.\d+ in by veth\w+: the way back to \S+ is by eth0/,
    ],
    ...(['unreachable', 'blackhole', 'prohibit'] as const).map((kind): (typeof stops)[number] => [
      `loose rp_filter on the node, where the way back is ${kind}`,
      '10.244.0.2',
      () => {
        ip(lab.node, [`route replace ${kind} ${pod.addresses.IPv4}`]);
        sysctl(lab.node, { [`net.ipv4.conf.${host}.rp_filter`]: 2 });
      },
      /^stops on the node: rp_filter drops what comes from 10\.6\.0\.\d+ in by veth\w+: there is no way back/,
    ]),
  ];

  test.each(stops)('%s', async (_, dst, damage, verdict, really = arrives) => {
    expect(trace(dst).works).toBe(true);
    expect(await really(dst)).toBe(true);
    damage();
    expect(await really(dst)).toBe(false);
    const traced = trace(dst);
    expect(traced.verdict).toMatch(verdict);
    expect(veth(lab.node, args(dst)).status).toBe(1);
    const remedy = traced.steps.at(-1)!.stops?.remedy;
    if (remedy) sh(lab.node, remedy);
    // What went with a link, or was taken away to show something else, is for inspect to tell.
    const { pods } = vethJson<Inspection>(lab.node, ['inspect', '--netns', pod.path]);
    for (const finding of pods[0]!.findings) sh(lab.node, finding.remedy!);
    expect(trace(dst).verdict).toMatch(/^works/);
    // A neighbour that did not answer meanwhile is asked again in its time.
    await expect.poll(() => really(dst)).toBe(true);
  });

  test('an endpoint from which nothing leads back: no filter is to blame', async () => {
    ip(lab.overlay, ['route delete default']);
    expect(await arrives('10.244.0.2')).toBe(false);
    const { verdict, steps } = trace('10.244.0.2');
    expect(verdict).toMatch(/^stops in \S+: rp_filter drops what comes from \S+ in by eth0: there is no way back to /);
    expect(steps.at(-1)!.stops).toEqual({});
    ip(lab.overlay, ['route add default via 10.244.0.1']);
  });

  test.each([1, 0])('an address of the pod that the node has, too, with rp_filter %d', async value => {
    sysctl(lab.node, { 'net.ipv4.conf.all.rp_filter': value });
    ip(lab.node, [`address add ${pod.addresses.IPv4}/32 dev lo`]);
    expect(await arrives('10.244.0.2')).toBe(false);
    expect(trace('10.244.0.2').verdict).toBe(
      `stops on the node: ${pod.addresses.IPv4} is an address of this place too, which drops what comes from there in by ${host}`,
    );
    ip(lab.node, [`address delete ${pod.addresses.IPv4}/32 dev lo`]);
    sysctl(lab.node, { 'net.ipv4.conf.all.rp_filter': 1 });
    expect(await arrives('10.244.0.2')).toBe(true);
  });

  test('the node past the pair: a macvlan never reaches it', async () => {
    ip(pod, ['route delete 10.6.0.10']);
    expect(await arrives('10.6.0.10', lab.node)).toBe(false);
    expect(trace('10.6.0.10').verdict).toMatch(
      /^stops in the pod: 10\.6\.0\.10 is the node's, and eth0, a macvlan, never reaches/,
    );
    ip(pod, [`route add 10.6.0.10 via 169.254.1.1 dev veth0 onlink src ${pod.addresses.IPv4} proto 86`]);
    expect(await arrives('10.6.0.10', lab.node)).toBe(true);
  });

  test('the same of an ipvlan, for which the NIC passes here: not every kernel makes one', () => {
    ip(pod, ['route delete 10.6.0.10']);
    using node = NetNs.open(lab.node.path);
    using places = node.run(() => new Places(pod.path));
    const { rtnetlink } = places.pod;
    const execute = rtnetlink.execute.bind(rtnetlink);
    rtnetlink.execute = request => {
      const answer = execute(request);
      const kind = (answer as Partial<Link> | undefined)?.info?.kind;
      return kind === 'macvlan' ? { ...answer, info: { kind: 'ipvlan' } } : answer;
    };
    const packet = { src: undefined, dst: '10.6.0.10', sourcePort: 40_000, port: 80 };
    expect(() =>
      walk(places, { place: places.pod, from: undefined, packet }, { direction: 'there', steps: [] }),
    ).toThrow(/^10\.6\.0\.10 is the node's, and eth0, an ipvlan, never reaches the machine that it is on/);
    ip(pod, [`route add 10.6.0.10 via 169.254.1.1 dev veth0 onlink src ${pod.addresses.IPv4} proto 86`]);
  });

  test('the rule of another agent, that leads what is for the pod elsewhere', async () => {
    ip(lab.node, [
      `rule add priority 50 to ${pod.addresses.IPv4} lookup 50`,
      'route add default via 10.6.0.1 table 50',
    ]);
    expect(await arrives('10.244.0.2')).toBe(false);
    const { verdict, steps } = trace('10.244.0.2');
    expect(verdict).toMatch(/the way back to \S+ is by eth0, by rule 50 to 10\.6\.0\.\d+\/32 lookup 50 \(/);
    // A route would not help, and whose rule it is is not known here.
    expect(steps.at(-1)!.stops).toEqual({});
    ip(lab.node, ['rule delete priority 50', 'route flush table 50']);
    expect(await arrives('10.244.0.2')).toBe(true);
  });

  test('the parent of a NIC that is down', () => {
    const [machine, nic] = [createNamespace('way-parent'), createNamespace('way-child')];
    ip(machine, ['link add nic type veth peer name other', `link add eth0 link nic netns ${nic.name} type macvlan`]);
    ip(nic, ['address add 192.0.2.9/24 dev eth0', 'link set eth0 up']);
    const { stdout } = veth(machine, ['trace', '--netns', nic.path, '192.0.2.1']);
    expect(stdout).toContain('! link eth0 has no carrier: its parent, nic (node), is down\n');
    expect(stdout).toContain(' ip link set dev nic up\n');
  });

  test('a bridge that is down, of which the pod is behind a port', () => {
    const [machine, nic] = [createNamespace('way-switch'), createNamespace('way-switched')];
    ip(machine, [
      'link add switch type bridge',
      `link add port master switch up type veth peer name eth0 netns ${nic.name}`,
      'address add 192.0.2.1/24 dev switch',
    ]);
    ip(nic, ['address add 192.0.2.9/24 dev eth0', 'link set eth0 up']);
    const asked = () => vethJson<Trace>(machine, ['trace', '--netns', nic.path, '192.0.2.1']);
    const { verdict, steps } = asked();
    expect(verdict).toBe('stops in the pod: the bridge switch is down');
    sh(machine, steps.at(-1)!.stops!.remedy!);
    expect(asked().verdict).toMatch(/^works/);
  });

  test('a pair that somebody renamed, and whose routes went with that', async () => {
    // Before Linux 6.2 a link is renamed only while it is down.
    const rename = (from: string, to: string) =>
      ip(lab.node, [`link set ${from} down`, `link set ${from} name ${to}`, `link set ${to} up`]);
    const repair = () => {
      const { pods } = vethJson<Inspection>(lab.node, ['inspect', '--netns', pod.path]);
      for (const { remedy } of pods[0]!.findings) sh(lab.node, remedy!);
    };
    rename(host, 'renamed');
    expect(await arrives('10.244.0.2')).toBe(false);
    const { verdict, steps } = trace('10.244.0.2');
    expect(verdict).toMatch(/^stops on the node: rp_filter drops what comes from \S+ in by renamed: the way back/);
    expect(steps.at(-1)!.stops?.remedy).toBe(`ip route replace ${pod.addresses.IPv4}/32 dev renamed protocol 86`);
    repair();
    expect(await arrives('10.244.0.2')).toBe(true);
    rename('renamed', host);
    repair();
  });

  test('a family of which the pod has no address', async () => {
    const disabled = await createPod(lab.node, 'way-disabled', {
      eth0: underlay(lab.node, lab.lan.ranges, [vethConf]),
    });
    sysctl(disabled, { 'net.ipv6.conf.all.disable_ipv6': 1 });
    const { verdict } = vethJson<Trace>(lab.node, ['trace', '--netns', disabled.path, 'fd00:10:96::10']);
    expect(verdict).toBe(
      'stops in the pod: no route to fd00:10:96::10: there is no address of IPv6 that could be its source (sysctl net/ipv6/conf/all/disable_ipv6 is 1)',
    );
  });

  test('a bridge whose ports are all down', async () => {
    ip(lab.node, [
      'link add empty up type bridge',
      'link add left master empty up type veth peer name right',
      'address add 203.0.113.1/24 dev empty',
    ]);
    ip(pod, ['route add 203.0.113.0/24 via 169.254.1.1 dev veth0 onlink']);
    // The kernel tells of carriers that are lost in its own time.
    const operstate = () => show<{ operstate: string }>(lab.node, 'link', 'show', 'empty')[0]!.operstate;
    await expect.poll(operstate).toBe('DOWN');
    expect(trace('203.0.113.9').verdict).toBe('stops on the node: link empty has no carrier: no port of it is up');
    ip(lab.node, ['link delete left', 'link delete empty']);
    ip(pod, ['route delete 203.0.113.0/24']);
  });

  test('no route at all', () => {
    ip(pod, ['route delete default']);
    expect(trace('192.0.2.1').verdict).toBe('stops in the pod: no route to 192.0.2.1');
  });
});

describe('what looks right and may not be is pointed at', () => {
  const doubts = ({ steps }: Trace) => steps.filter(({ doubtful }) => doubtful).map(({ text }) => text);
  const beyond =
    /^stops in the pod: 10\.96\.0\.10 is a ClusterIP, which the node translates to 10\.244\.0\.2, but the packet leaves past the node, by eth0$/;
  const past: [string, string, () => void, () => void, RegExp][] = [
    [
      'a service for which the pod has no route',
      '10.96.0.10',
      () => ip(pod, ['route delete 10.96.0.0/16']),
      () => ip(pod, [`route add 10.96.0.0/16 via 169.254.1.1 dev veth0 onlink src ${pod.addresses.IPv4} proto 86`]),
      beyond,
    ],
    [
      'one to which another route is nearer',
      '10.96.0.10',
      () => ip(pod, ['route add 10.96.0.0/24 via 10.6.0.1']),
      () => ip(pod, ['route delete 10.96.0.0/24']),
      beyond,
    ],
    [
      'one that a rule of another agent leads elsewhere',
      '10.96.0.10',
      () => ip(pod, ['rule add priority 100 lookup 100', 'route add default via 10.6.0.1 dev eth0 table 100']),
      () => ip(pod, ['rule delete priority 100', 'route flush table 100']),
      beyond,
    ],
    [
      'a pod of the overlay for which the pod has no route',
      'fd00:10:244::2',
      () => ip(pod, ['route delete fd00:10:244::/56']),
      () => ip(pod, [`route add fd00:10:244::/56 via fe80::1 dev veth0 src ${pod.addresses.IPv6} proto 86`]),
      /^works, as far as can be seen from here, in packets of up to 1500 bytes; but see step 3$/,
    ],
  ];
  test.each(past)('%s: past the node', async (_, dst, damage, mend, said) => {
    // A later NIC's default route is the pod's again.
    ip(pod, ['route replace default via 10.6.0.1', 'route replace default via fd00:10:6::1']);
    expect(trace(dst).verdict).toBe('works, in packets of up to 1500 bytes');
    damage();
    expect(await arrives(dst)).toBe(false);
    const traced = trace(dst);
    expect(traced.verdict).toMatch(said);
    expect(doubts(traced)).toEqual(
      said === beyond ? [] : ['the node leads fd00:10:244::2 to cni0, but the packet leaves past the node'],
    );
    mend();
    expect(await arrives(dst)).toBe(true);
  });

  // Whoever announces it on the LAN may be another node.
  test('an address of a service that others than nodes know too', () => {
    const rules = (dnat: string) => `table inet outer {
      chain external-web { ${dnat}; }
      chain prerouting { type nat hook prerouting priority dstnat; jump external-web; }
    }`;
    const set = (dnat: string) => run(inside(lab.node, ['nft', '--file', '-']), rules(dnat));
    set('ip daddr 203.0.113.5 tcp dport 80 dnat ip to 10.244.0.2');
    expect(doubts(trace('203.0.113.5'))).toEqual([
      'the node translates 203.0.113.5 to 10.244.0.2, as that of a service, but the packet leaves past the node',
    ]);
    expect(doubts(trace('203.0.113.6'))).toEqual([]);
    // What is translated wherever it goes to is no service.
    run(inside(lab.node, ['nft', 'flush', 'chain', 'inet', 'outer', 'external-web']));
    set('tcp dport 80 dnat ip to 10.244.0.2');
    expect(doubts(trace('203.0.113.5'))).toEqual([]);
    run(inside(lab.node, ['nft', 'delete', 'table', 'inet', 'outer']));
  });

  test('a smaller MTU where the packet ends: what is not TCP is lost', async () => {
    expect(await comesWhole()).toBe(true);
    ip(lab.overlay, ['link set eth0 mtu 1400']);
    expect(await comesWhole()).toBe(false);
    const { verdict, ...traced } = trace('10.244.0.2');
    expect(doubts({ verdict, ...traced })).toEqual([
      expect.stringMatching(
        /^mtu: veth\w+ sends up to 1500 bytes, and its peer eth0 \(\S+-overlay\) drops what is larger than 1400, which TCP that ends there heeds/,
      ),
    ]);
    expect(verdict).toMatch(/^works, in packets of up to 1400 bytes; but see step \d$/);
    ip(lab.overlay, ['link set eth0 mtu 1500']);
  });

  test('the same of the reply, which ends in the pod', () => {
    ip(pod, ['link set veth0 mtu 1400']);
    expect(doubts(trace('10.244.0.2'))).toEqual([
      expect.stringMatching(/^mtu: veth\w+ sends up to 1500 bytes, and its peer veth0 \(pod\) drops what is larger/),
    ]);
    ip(pod, ['link set veth0 mtu 1500']);
  });

  test('a neighbour behind a bridge that did not answer: it is asked again', async () => {
    const silent = /^neighbour 10\.244\.0\.2 dev cni0 has not answered so far \((failed|incomplete)\)$/;
    ip(lab.node, ['neighbour replace 10.244.0.2 dev cni0 nud failed']);
    expect(doubts(trace('10.244.0.2'))).toEqual([expect.stringMatching(silent)]);
    expect(await arrives('10.244.0.2')).toBe(true);
    expect(doubts(trace('10.244.0.2'))).toEqual([]);
    // One that answers nobody stays so.
    ip(lab.overlay, ['link set eth0 arp off']);
    ip(lab.node, ['neighbour flush dev cni0']);
    expect(await arrives('10.244.0.2')).toBe(false);
    expect(doubts(trace('10.244.0.2'))).toEqual([expect.stringMatching(silent)]);
    ip(lab.overlay, ['link set eth0 arp on']);
    await expect.poll(() => arrives('10.244.0.2')).toBe(true);
  });

  test('an address that nobody has behind a bridge', () => {
    expect(doubts(trace('10.244.0.99'))).toEqual(['nobody behind the ports of cni0 has the address 10.244.0.99']);
  });

  test('an address that two have behind one bridge', () => {
    const double = createNamespace('way-double');
    ip(lab.node, [`link add double up master cni0 type veth peer name eth0 netns ${double.name}`]);
    ip(double, ['link set eth0 up', 'address add 10.244.0.2/24 dev eth0']);
    expect(doubts(trace('10.244.0.2'))).toEqual([
      expect.stringMatching(
        /^10\.244\.0\.2 is an address of \S+-overlay \(\S+, behind veth\w+\) and of \S+-double \(\S+, behind double\): who answers first/,
      ),
    ]);
    ip(lab.node, ['link delete double']);
    expect(doubts(trace('10.244.0.2'))).toEqual([]);
  });

  test('nothing where the pod goes to its own LAN, or beyond it', () => {
    expect(doubts(trace(lab.client.addresses.IPv4!))).toEqual([]);
    expect(doubts(trace('192.0.2.1'))).toEqual([]);
  });

  test('a pair that is down in the pod', async () => {
    const down = await createPod(lab.node, 'way-down', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
    ip(down, ['link set veth0 down']);
    const traced = vethJson<Trace>(lab.node, ['trace', '--netns', down.path, '10.96.0.10']);
    expect(doubts(traced)).toEqual(['veth0 is down, and so has no routes']);
    expect(traced.verdict).toMatch(beyond);
  });

  test('a ClusterIP that no rule translates, though the LAN’s gateway might know it', () => {
    const { verdict, steps } = trace('10.96.0.99');
    expect(verdict).toMatch(/^stops in \S+: no route to 10\.96\.0\.99$/);
    expect(steps.filter(({ doubtful }) => doubtful).map(({ text }) => text)).toEqual([
      'no rule that can be seen translates 10.96.0.99, TCP port 80, as that of a service would',
    ]);
  });

  test('a pod without a pair', async () => {
    const bare = await createPod(lab.node, 'way-bare', { eth0: underlay(lab.node, lab.lan.ranges) });
    const { status, stdout } = veth(lab.node, ['trace', '--netns', bare.path, '10.96.0.10']);
    expect(status).toBe(1);
    expect(stdout).toContain('\n 1  pod  ? there is no veth0: veth attached none of its interfaces, or ');
    expect(stdout).toMatch(/^verdict: stops in the pod: 10\.96\.0\.10 is a ClusterIP, .* but the packet leaves past/m);
  });
});

describe('what cannot be followed is refused, in words that say why', () => {
  test.each([
    ['what is no address', ['example'], /^veth trace: .*example/],
    ['nobody’s address', ['0.0.0.0'], /^veth trace: 0\.0\.0\.0 is nobody's address\n$/],
    ['nobody’s IPv6 address', ['::'], /^veth trace: :: is nobody's address\n$/],
    [
      'two families',
      ['--from', '10.6.0.100', 'fd00::1'],
      /^veth trace: 10\.6\.0\.100 and fd00::1 are of two families\n$/,
    ],
    ['no port', ['--port', '0', '10.96.0.10'], /^veth trace: --port 0 is no port: 1 to 65535\n$/],
    ['a port too high', ['--port', '65536', '10.96.0.10'], /^veth trace: --port 65536 is no port: 1 to 65535\n$/],
    [
      'the address of another',
      ['--from', '10.6.0.20', '10.96.0.10'],
      /^veth trace: --from 10\.6\.0\.20 is no address of the pod/,
    ],
    [
      'that of another, IPv6',
      ['--from', 'fd00:10:6::20', 'fd00:10:96::10'],
      /^veth trace: --from fd00:10:6::20 is no address of the pod/,
    ],
  ])('%s', (_, given, message) => {
    const { status, stdout, stderr } = veth(lab.node, ['trace', '--netns', pod.path, ...given]);
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  test.each([['trace', '10.96.0.10'], ['plan', '--ifname', 'eth0'], ['inspect']])(
    '%s of a namespace that is told by its name',
    (command = '', ...given) => {
      const stderr = `veth ${command}: --netns pod is no path; that of a name is /run/netns/pod\n`;
      const answer = veth(lab.node, [command, ...given, '--netns', 'pod'], '{}');
      expect(answer).toEqual({ status: 2, stdout: '', stderr });
    },
  );

  test.each([['trace', '10.96.0.10'], ['plan', '--ifname', 'eth0'], ['inspect']])(
    '%s of the namespace that it runs in',
    (...given) => {
      const { status, stdout, stderr } = veth(lab.node, [...given, '--netns', lab.node.path], '{}');
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(
        /^veth \w+: --netns \S+ is the namespace that this command runs in: name that of a pod\n$/,
      );
    },
  );
});

test('an IPv4-mapped address is the IPv4 address in it, as it is to the kernel', () => {
  expect(trace('::ffff:10.96.0.10')).toEqual(trace('10.96.0.10'));
});
