// `veth inspect` shows what is ours, names what is broken, and what it says puts it right does so.
import { readFileSync, writeFileSync } from 'node:fs';
import type { NetworkConf } from '@spider/cni-skel/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../../../tools/lab/lab.ts';
import { createNamespace, ip, type Namespace, sysctl } from '../../../../tools/lab/namespace.ts';
import { underlay, veth as vethConf } from '../../../../tools/lab/networks.ts';
import { createPod, type Pod, runtime } from '../../../../tools/lab/pod.ts';
import type { Finding } from '../../src/cli/finding.ts';
import type { Inspection } from '../../src/cli/inspect/inspection.ts';
import type { Trace } from '../../src/cli/trace/step.ts';
import { namesOf } from '../../src/names.ts';
import { executable, runIn } from '../call.ts';
import { sh, veth, vethJson } from './call.ts';

let lab: Lab;
let pod: Pod;
let host: string;
const conf = '/run/inspect.conf';
beforeAll(async () => {
  lab = await createLab('look-');
  pod = await createPod(lab.node, 'look-pod', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
  host = namesOf(pod.nics[0]!.attachment.containerID).hostName;
  writeFileSync(conf, JSON.stringify(vethConf));
});

function findingsOn({ node }: Lab, ...args: readonly string[]): Finding[] {
  const found = vethJson<Inspection>(node, ['inspect', ...args]);
  return [found.node, ...found.pods].flatMap(({ findings }) => findings);
}

const findings = (...args: readonly string[]) => findingsOn(lab, ...args);

test('a pod as ADD made it is healthy, with its configuration and without', () => {
  const { status, stdout, stderr } = veth(lab.node, ['inspect']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^node with 1 pod of ours: healthy$/m);
  expect(stdout).toMatch(/^container [0-9a-f]{13}: healthy$/m);
  expect(findings()).toEqual([]);
  expect(findings('--conf', conf)).toEqual([]);
});

test('a pod with a path for replies is healthy, with its configuration and without, until that is damaged', async () => {
  const conf = { ...vethConf, reply_path: { mark: '0x40000000' } };
  const replying = await createPod(lab.node, 'look-reply', { eth0: underlay(lab.node, lab.lan.ranges, [conf]) });
  writeFileSync('/run/inspect-reply.conf', JSON.stringify(conf));
  const ways = [[], ['--conf', '/run/inspect-reply.conf']].map(more => ['--netns', replying.path, ...more]);
  for (const way of ways) expect(findings(...way)).toEqual([]);
  ip(replying, ['route delete ::/0 table 8600']);
  for (const way of ways)
    expect(findings(...way)).toMatchObject([
      { object: expect.stringMatching(/^route ::\/0 .* table 8600 in the pod$/) },
    ]);
  await runtime(lab.node).del(replying.nics[0]!.network, replying.nics[0]!.attachment);
});

test('it shows the pair, the NIC with its addresses, and where they lead', () => {
  const { pods } = vethJson<Inspection>(lab.node, ['inspect', '--netns', pod.path]);
  const { IPv4, IPv6 } = pod.addresses;
  const [shown] = pods;
  expect(shown).toMatchObject({ netns: pod.path, containerID: pod.nics[0]!.attachment.containerID });
  expect(shown!.pair).toMatchObject({ host: { name: host, mtu: 1500, up: true }, pod: { name: 'veth0', up: true } });
  expect(shown!.pair.routed).toEqual([IPv4, IPv6]);
  expect(shown!.nics).toMatchObject([{ name: 'eth0', network: 'underlay', kind: 'macvlan', addresses: [IPv4, IPv6] }]);
  expect(shown!.nics[0]!.paths).toMatchObject([
    { family: 'inet', role: 'primary', source: IPv4, gateway: '169.254.1.1', table: 254, rules: [] },
    { family: 'inet6', role: 'primary', source: IPv6, gateway: 'fe80::1', table: 254, rules: [] },
  ]);
  expect(shown!.nics[0]!.paths[0]!.destinations).toEqual(
    expect.arrayContaining(['10.6.0.10', '10.96.0.0/16', '10.244.0.0/16']),
  );
});

describe('what is broken is named, and following the advice makes the pod healthy again', () => {
  const onNode = (command: (host: string) => string) => () => ip(lab.node, [command(host)]);
  const inPod = (command: string) => () => ip(pod, [command]);
  const damages: [string, () => void, RegExp][] = [
    [
      'a link of the pair that is down in the pod',
      inPod('link set veth0 down'),
      /^link veth0 up in the pod: up is false$/,
    ],
    [
      'a link of the pair that is down on the node',
      onNode(host => `link set ${host} down`),
      /^link veth\w+ on the node: is down$/,
    ],
    [
      'an end on the node with another hardware address',
      onNode(host => `link set ${host} address 02:00:00:00:00:01`),
      /^link veth\w+ address \S+ on the node: address is 02:00:00:00:00:01$/,
    ],
    [
      'an end on the node that became the port of a bridge',
      onNode(host => `link set ${host} master cni0`),
      /^link veth\w+ on the node: is a port of cni0: what comes from the pod comes in there$/,
    ],
    [
      'a smaller MTU on the node’s end',
      onNode(host => `link set ${host} mtu 1400`),
      /^link veth\w+ mtu 1400 on the node: its peer has 1500, and what is larger than 1400 bytes is lost on the way here$/,
    ],
    [
      'a smaller MTU on the pod’s end',
      inPod('link set veth0 mtu 1300'),
      /^link veth0 mtu 1300 in the pod: its peer has 1500, and what is larger than 1300 bytes is lost on the way here$/,
    ],
    [
      'a neighbour of the pod that is missing',
      inPod('neighbour delete 169.254.1.1 dev veth0'),
      /^neighbour 169\.254\.1\.1 lladdr \S+ dev veth0 in the pod: missing$/,
    ],
    [
      'a neighbour of the pod with another’s hardware address',
      inPod('neighbour replace fe80::1 lladdr 02:00:00:00:00:01 dev veth0 nud permanent'),
      /^neighbour fe80::1 lladdr \S+ dev veth0 in the pod: address is 02:00:00:00:00:01/,
    ],
    [
      'a neighbour of the node that is missing',
      () => ip(lab.node, [`neighbour delete ${pod.addresses.IPv6} dev ${host}`]),
      /^neighbour fd00:10:6::\S+ lladdr \S+ dev veth\w+ on the node: missing$/,
    ],
    [
      'a route of the node that is missing',
      () => ip(lab.node, [`route delete ${pod.addresses.IPv4}`]),
      /^route 10\.6\.0\.\d+\/32 dev veth\w+ src 10\.6\.0\.10 on the node: missing$/,
    ],
    [
      'a route of the pod to services that is missing',
      inPod('route delete 10.96.0.0/16'),
      /^route 10\.96\.0\.0\/16 via 169\.254\.1\.1 dev veth0 onlink src \S+ in the pod: missing$/,
    ],
    [
      'a route of the pod to its node that is missing',
      inPod('route delete 10.6.0.10'),
      /^route 10\.6\.0\.10\/32 via .* in the pod: missing$/,
    ],
    [
      'a route of the pod with another source',
      inPod('route replace 10.96.0.0/16 via 169.254.1.1 dev veth0 onlink'),
      /^route 10\.96\.0\.0\/16 via .* in the pod: prefsrc is not set/,
    ],
    [
      'the address of the pod’s end that is missing',
      inPod('address delete 169.254.1.2/32 dev veth0'),
      /^address 169\.254\.1\.2\/32 scope link dev veth0 in the pod: missing$/,
    ],
    [
      'a node that does not forward',
      () => sysctl(lab.node, { 'net.ipv6.conf.all.forwarding': 0 }),
      /^sysctl net\/ipv6\/conf\/all\/forwarding on the node: is 0: the node forwards nothing for its pods$/,
    ],
    [
      'a node that does not forward what comes from the pod',
      () => sysctl(lab.node, { [`net.ipv4.conf.${host}.forwarding`]: 0 }),
      /^sysctl net\/ipv4\/conf\/veth\w+\/forwarding = 1 on the node: is 0$/,
    ],
    [
      'strict reverse path filtering, where the configuration has none',
      () => sysctl(pod, { 'net.ipv4.conf.all.rp_filter': 1 }),
      /^sysctl net\/ipv4\/conf\/all\/rp_filter = 0 in the pod: is 1$/,
    ],
  ];

  test.each(damages)('%s', (_, damage, expected) => {
    damage();
    const found = findings('--conf', conf);
    const texts = found.map(({ object, problem }) => `${object}: ${problem}`);
    expect(texts).toContainEqual(expect.stringMatching(expected));
    const { status, stdout } = veth(lab.node, ['inspect', '--conf', conf]);
    expect(status).toBe(1);
    for (const { object, problem, remedy } of found) {
      expect(stdout).toContain(`! ${object}: ${problem}\n`);
      expect(remedy, object).toBeDefined();
      sh(lab.node, remedy!);
    }
    expect(findings('--conf', conf)).toEqual([]);
  });
});

test('a NIC that was deleted is named, and where what is left of it goes', async () => {
  const unplugged = createNamespace('look-unplugged');
  const attachment = { containerID: 'unplugged', netns: unplugged.path, ifName: 'eth0' };
  await runtime(lab.node).add(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
  ip(unplugged, ['link delete eth0']);
  const { status, stdout } = veth(lab.node, ['inspect', '--pod', 'unplugged']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^node with 1 pod of ours, 1 unhealthy$/m);
  expect(stdout).toMatch(
    /^└─ ! link eth0 in the pod: missing: somebody deleted it\. What is left of it goes with its DEL$/m,
  );
  await runtime(lab.node).del(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
});

test('pods with something wrong are counted, and come last', async () => {
  const added = ['look-ill', 'look-well'].map(name => {
    const namespace = createNamespace(name);
    return { namespace, attachment: { containerID: `some-${name}`, netns: namespace.path, ifName: 'eth0' } };
  });
  for (const { attachment } of added)
    await runtime(lab.node).add(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
  ip(added[0]!.namespace, ['route delete 169.254.0.0/16']);
  const { stdout } = veth(lab.node, ['inspect', '--pod', 'some-look-']);
  expect(stdout.split('\n').filter(line => /^\w/.test(line))).toEqual([
    'node with 2 pods of ours, 1 unhealthy',
    'container some-look-wel: healthy',
    'container some-look-ill: 1 wrong',
  ]);
  for (const { attachment } of added)
    await runtime(lab.node).del(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
});

test('what concerns the node is asked once, however many pods there are', async () => {
  const second = await createPod(lab.node, 'look-second', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
  ip(lab.node, ['link add many index 4711 type veth peer name more', 'address add 198.51.100.1/24 dev many']);
  const asked = (...args: string[]) =>
    runIn(lab.node, [executable, 'inspect', ...args], { env: { SPIDER_NL_DEBUG: '1' }, input: '' })
      .stderr.split('\n')
      .filter(line => /^netlink > \d+ link\.get .* index: 4711,/.test(line));
  expect(asked('--netns', pod.path)).toHaveLength(1);
  expect(asked()).toHaveLength(1);
  ip(lab.node, ['link delete many']);
  await runtime(lab.node).del(second.nics[0]!.network, second.nics[0]!.attachment);
});

describe('what stands as ADD made it, and does not serve', () => {
  const texts = (...args: string[]) => findings(...args).map(({ object, problem }) => `${object}: ${problem}`);

  test('a rule of another agent on the node that leads what is for the pod elsewhere', () => {
    const { IPv4 } = pod.addresses;
    ip(lab.node, [`rule add priority 50 to ${IPv4} lookup 50`, 'route add default via 10.6.0.1 table 50']);
    expect(texts('--netns', pod.path)).toEqual([
      `route ${IPv4}/32 dev ${host} on the node: is not used: it leaves by eth0, by rule 50 to ${IPv4}/32 lookup 50`,
    ]);
    expect(veth(lab.node, ['inspect']).status).toBe(1);
    ip(lab.node, ['rule delete priority 50', 'route flush table 50']);
    expect(texts()).toEqual([]);
  });

  test('routes and rules in the pod that come before ours are worth knowing', () => {
    ip(pod, [
      'route add 10.96.0.0/24 via 10.6.0.1',
      'route add unreachable fd00:10:96::/120',
      'rule add priority 100 to 10.244.0.0/24 lookup 100',
      'route add default via 10.6.0.1 dev eth0 table 100',
    ]);
    const { status, stdout } = veth(lab.node, ['inspect', '--netns', pod.path]);
    expect(status).toBe(0);
    const lines = stdout.split('\n').filter(line => line.includes('?'));
    expect(lines.map(line => line.replace(/^.*\? /, '')).sort()).toEqual([
      'route 10.244.0.0/16 via 169.254.1.1 dev veth0 in the pod: is not used by what goes to 10.244.0.0: it leaves by eth0, by rule 100 to 10.244.0.0/24 lookup 100',
      'route 10.244.0.1 via 169.254.1.1 dev veth0 in the pod: is not used by what goes to 10.244.0.1: it leaves by eth0, by rule 100 to 10.244.0.0/24 lookup 100',
      'route 10.96.0.0/16 via 169.254.1.1 dev veth0 in the pod: is not used by what goes to 10.96.0.0: it leaves by eth0, by route 10.96.0.0/24',
      'route fd00:10:96::/112 via fe80::1 dev veth0 in the pod: is not used by what goes to fd00:10:96::: it is refused by route unreachable fd00:10:96::/120',
    ]);
    ip(pod, [
      'route delete 10.96.0.0/24',
      'route delete unreachable fd00:10:96::/120',
      'rule delete priority 100',
      'route flush table 100',
    ]);
    expect(texts()).toEqual([]);
  });

  test('a NIC without a carrier', async () => {
    const machine = createNamespace('look-cable');
    ip(machine, ['link add nic up type veth peer name cable', 'link set cable up', 'address add 10.6.0.9/16 dev nic']);
    const namespace = createNamespace('look-cableless');
    const attachment = { containerID: 'cableless', netns: namespace.path, ifName: 'eth0' };
    await runtime(machine).add(
      underlay(machine, lab.lan.ranges, [vethConf], { name: 'cable', master: 'nic' }),
      attachment,
    );
    const seen = () =>
      vethJson<Inspection>(machine, ['inspect']).pods[0]!.findings.map(
        ({ object, problem }) => `${object}: ${problem}`,
      );
    const fault = 'link eth0 in the pod: has no carrier: what it stands on is down, or the cable is out';
    expect(seen()).not.toContain(fault);
    ip(machine, ['link set cable down']);
    await expect.poll(seen).toContain(fault);
  });

  test('IPv6 that was disabled in the pod, and took its addresses along', async () => {
    const disabled = await createPod(lab.node, 'look-disabled', {
      eth0: underlay(lab.node, lab.lan.ranges, [vethConf]),
    });
    sysctl(disabled, { 'net.ipv6.conf.all.disable_ipv6': 1 });
    expect(texts('--netns', disabled.path)).toContainEqual(
      expect.stringMatching(
        `^address ${disabled.addresses.IPv6} in the pod: missing \\(sysctl net/ipv6/conf/eth0/disable_ipv6 is 1\\), and the node`,
      ),
    );
    await runtime(lab.node).del(disabled.nics[0]!.network, disabled.nics[0]!.attachment);
  });

  test('a pair that serves nobody known', async () => {
    const namespace = createNamespace('look-nameless');
    const attachment = { containerID: 'nameless', netns: namespace.path, ifName: 'eth0' };
    await runtime(lab.node).add(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
    const { hostName } = namesOf('nameless');
    ip(lab.node, [`link property del dev ${hostName} altname nameless@underlay@eth0`]);
    expect(texts()).toEqual([
      expect.stringMatching(
        `^link ${hostName} on the node: is called as our pairs are, and bears no attachment’s name: `,
      ),
    ]);
    expect(texts('--netns', pod.path)).toEqual([]);
    await runtime(lab.node).del(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
    expect(texts()).toEqual([]);
  });

  test('connections of which there are as many as there may be', () => {
    const full = [
      'mount -t tmpfs tmpfs /proc/sys/net/netfilter',
      'echo 262144 > /proc/sys/net/netfilter/nf_conntrack_max',
      'echo "$COUNT" > /proc/sys/net/netfilter/nf_conntrack_count',
      `exec ${executable} inspect`,
    ].join(' && ');
    const inspect = (count: number) =>
      runIn(lab.node, ['unshare', '--mount', 'sh', '-ec', full], {
        env: { PATH: process.env['PATH']!, COUNT: String(count) },
        input: '',
      });
    expect(inspect(262_143)).toMatchObject({ status: 0, stderr: '' });
    const { status, stdout } = inspect(262_144);
    expect(status).toBe(1);
    expect(stdout).toContain(
      '! sysctl net/netfilter/nf_conntrack_count on the node: is 262144, and net/netfilter/nf_conntrack_max is 262144: what begins a connection is dropped\n   └─ sysctl --write net/netfilter/nf_conntrack_max=524288\n',
    );
  });
});

test('names that would command a terminal are written as text', async () => {
  const namespace = createNamespace('look-odd');
  const ifName = '\u001b[31m<"&]';
  const attachment = { containerID: 'odd', netns: namespace.path, ifName };
  await runtime(lab.node).add(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
  const { status, stdout, stderr } = veth(lab.node, ['inspect', '--netns', namespace.path]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('└─ \\u001b[31m<"&] of network underlay, macvlan: ');
  const { pods } = vethJson<Inspection>(lab.node, ['inspect', '--netns', namespace.path]);
  expect(pods[0]!.nics[0]!.name).toBe(ifName);
  const mermaid = veth(lab.node, ['inspect', '--netns', namespace.path, '--mermaid']).stdout;
  expect(mermaid).toContain('#quot;');
  expect(mermaid).not.toContain('\u001b');
  veth(lab.node, ['inspect', '--netns', namespace.path, '--svg', '/run/odd.svg']);
  expect(readFileSync('/run/odd.svg', 'utf8')).toMatch(/\\u001b\[31m&lt;"&amp;\]/);
  const missing = veth(lab.node, ['plan', '--netns', namespace.path, '--ifname', '\u001b[0m'], '{}');
  expect(missing.stderr).toMatch(/^veth plan: ADD would be refused: .*\\u001b\[0m/);
  await runtime(lab.node).del(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
});

test('a node without a pair says so, and is not unhealthy', () => {
  const { status, stdout } = veth(createNamespace('look-empty'), ['inspect']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'node with no pods of ours: healthy\n└─ addresses none\n' });
});

test('a NIC that is down is named, and so is the address that it lost with its link', async () => {
  const down = await createPod(lab.node, 'look-down', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
  ip(down, ['link set eth0 down']);
  // What was for that address has its use again when it is given back.
  expect(findings('--netns', down.path).map(({ object, problem }) => `${object}: ${problem}`)).toEqual([
    expect.stringMatching(`^address ${down.addresses.IPv6} in the pod: missing, and the node routes it to veth`),
    'link eth0 in the pod: is down',
  ]);
  const { verdict, steps } = vethJson<Trace>(lab.node, ['trace', '--netns', down.path, '10.6.0.20']);
  expect(verdict).toBe('stops in the pod: no route to 10.6.0.20: link eth0 is down, and so has none');
  expect(steps.at(-1)!.stops?.remedy).toBe('nsenter --net=/run/netns/look-down ip link set dev eth0 up');
  await runtime(lab.node).del(down.nics[0]!.network, down.nics[0]!.attachment);
});

describe('without the configuration', () => {
  test('what every pod has is known to be missing', () => {
    ip(pod, ['route delete 169.254.0.0/16']);
    const [finding] = findings();
    expect(finding).toMatchObject({ object: expect.stringContaining('route 169.254.0.0/16 '), problem: 'missing' });
    sh(lab.node, finding!.remedy!);
    expect(findings()).toEqual([]);
  });

  test('a missing route to an address of the node is told, but may be as it was asked for', () => {
    ip(pod, ['route delete 10.6.0.10']);
    const [finding] = findings();
    expect(finding).toMatchObject({ broken: false, problem: 'missing; right if node_addresses excludes it' });
    const { status, stdout } = veth(lab.node, ['inspect']);
    expect(status).toBe(0);
    expect(stdout).toContain('? route 10.6.0.10/32 via');
    sh(lab.node, finding!.remedy!);
  });
});

describe('a pod with two NICs', () => {
  let both: Pod;
  let ofNet1: { netns: string; args: string[] };
  beforeAll(async () => {
    const second = underlay(lab.node, lab.lan.ranges, [vethConf], { name: 'second', master: 'eth0' });
    both = await createPod(lab.node, 'look-both', {
      eth0: underlay(lab.node, lab.lan.ranges, [vethConf]),
      net1: second,
    });
    ofNet1 = { netns: both.path, args: ['--netns', both.path] };
  });

  test('shows the table and the rules of the second', () => {
    const { pods } = vethJson<Inspection>(lab.node, ['inspect', ...ofNet1.args]);
    const [, net1] = pods[0]!.nics;
    const path = net1!.paths[0]!;
    expect(path).toMatchObject({ role: 'secondary', source: both.nics[1]!.addresses.IPv4 });
    expect(path.table).toBeGreaterThan(8600);
    expect(path.rules).toEqual([
      `8600: from ${both.nics[1]!.addresses.IPv4}/32 lookup ${path.table}`,
      `32768: from all lookup ${path.table}`,
    ]);
    expect(findings(...ofNet1.args)).toEqual([]);
  });

  test('shows of a rule where it leads and whose it is, as for a NIC in a LAN of its own', () => {
    const first = both.nics[0]!.addresses.IPv4;
    const nics = () => vethJson<Inspection>(lab.node, ['inspect', ...ofNet1.args]).pods[0]!.nics;
    const own = `lookup ${nics()[1]!.paths[0]!.table}`;
    const rules = [
      `priority 8601 from ${first} to 198.18.0.0/15 lookup main protocol 86`,
      `priority 8602 to 198.18.0.0/15 ${own} protocol 86`,
    ];
    ip(
      both,
      rules.map(rule => `rule add ${rule}`),
    );
    const [eth0, net1] = nics();
    expect(eth0!.paths[0]!.rules).toEqual([`8601: from ${first}/32 to 198.18.0.0/15 lookup main`]);
    expect(net1!.paths[0]!.rules).toContain(`8602: from all to 198.18.0.0/15 ${own}`);
    ip(
      both,
      rules.map(rule => `rule delete ${rule}`),
    );
  });

  test('tells which route of the two is not used', () => {
    const { table } = vethJson<Inspection>(lab.node, ['inspect', ...ofNet1.args]).pods[0]!.nics[1]!.paths[0]!;
    ip(both, ['rule add priority 100 to 10.96.0.0/16 prohibit']);
    expect(findings(...ofNet1.args).map(({ object, problem }) => `${object}: ${problem}`)).toEqual(
      ['', ` table ${table}`].map(
        where =>
          `route 10.96.0.0/16 via 169.254.1.1 dev veth0${where} in the pod: is not used by what goes to 10.96.0.0: it is refused by rule 100 to 10.96.0.0/16 prohibit`,
      ),
    );
    ip(both, ['rule delete priority 100']);
  });

  test('misses what one NIC has and the other has not', () => {
    const { pods } = vethJson<Inspection>(lab.node, ['inspect', ...ofNet1.args]);
    const { table } = pods[0]!.nics[1]!.paths[0]!;
    ip(both, [`route delete 10.96.0.0/16 table ${table}`]);
    const found = findings(...ofNet1.args);
    expect(found.map(({ object }) => object)).toEqual([
      expect.stringMatching(`^route 10.96.0.0/16 .* table ${table} in the pod$`),
    ]);
    sh(lab.node, found[0]!.remedy!);
    expect(findings(...ofNet1.args)).toEqual([]);
  });

  test('misses the rule of a NIC', () => {
    const source = both.nics[1]!.addresses.IPv4;
    ip(both, [`rule delete from ${source}`]);
    const found = findings(...ofNet1.args);
    expect(found.map(({ object, problem }) => `${object}: ${problem}`)).toEqual([
      expect.stringMatching(`^rule priority 8600 from ${source}/32 lookup \\d+ in the pod: missing$`),
    ]);
    sh(lab.node, found[0]!.remedy!);
    expect(findings(...ofNet1.args)).toEqual([]);
  });
});

describe('with what the runtime keeps', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await createLab('kept-');
  });
  const ofRuntime = () => ['--cache', `/run/cni/${lab.node.name}/results`];
  const kept = async (name: string, ...plugins: readonly NetworkConf[]) =>
    createPod(lab.node, name, { eth0: underlay(lab.node, lab.lan.ranges, plugins) });
  const del = ({ nics }: Pod) => runtime(lab.node).del(nics[0]!.network, nics[0]!.attachment);

  test('it is known that the route to a CIDR is missing, and not only that it may be', async () => {
    const known = await kept('kept-known', vethConf);
    expect(findingsOn(lab, '--netns', known.path, ...ofRuntime())).toEqual([]);
    ip(known, ['route delete 10.96.0.0/16']);
    expect(findingsOn(lab, '--netns', known.path, ...ofRuntime())).toMatchObject([
      { object: expect.stringMatching(/^route 10\.96\.0\.0\/16 /), problem: 'missing', broken: true },
    ]);
    expect(findingsOn(lab, '--netns', known.path)).toEqual([]);
    await del(known);
  });

  test('a pair that somebody deleted is missed, and the advice makes it again', async () => {
    const without = await kept('kept-without', vethConf);
    ip(without, ['link delete veth0']);
    expect(veth(lab.node, ['inspect', ...ofRuntime()])).toMatchObject({ status: 1 });
    const found = findingsOn(lab, '--netns', without.path, ...ofRuntime());
    const { containerID } = without.nics[0]!.attachment;
    expect(found).toEqual([
      {
        object: `eth0 of container ${containerID}, network underlay`,
        problem: 'has no pair: somebody deleted it',
        remedy: `veth reconcile --netns ${without.path}`,
        broken: true,
      },
    ]);
    const [command = '', ...words] = found[0]!.remedy!.split(' ');
    expect(command).toBe('veth');
    expect(veth(lab.node, [...words, ...ofRuntime()])).toMatchObject({ status: 0 });
    expect(findingsOn(lab, ...ofRuntime())).toEqual([]);
    await del(without);
  });

  test('a pod whose configuration asks for no pair misses none', async () => {
    const skipping = await kept('kept-skip', { ...vethConf, skip: true });
    expect(findingsOn(lab, ...ofRuntime())).toEqual([]);
    await del(skipping);
  });

  test('a configuration that is given is that of its network’s pods only', async () => {
    const given = await kept('kept-given', vethConf);
    const mtu = (name: string) => JSON.stringify({ name, plugins: [{ ...vethConf, mtu: 1400 }] });
    writeFileSync('/run/inspect-other.conf', mtu('other'));
    writeFileSync('/run/inspect-underlay.conf', mtu('underlay'));
    expect(findingsOn(lab, '--conf', '/run/inspect-other.conf', ...ofRuntime())).toEqual([]);
    const found = findingsOn(lab, '--conf', '/run/inspect-underlay.conf', ...ofRuntime());
    expect(found.map(({ problem }) => problem)).toEqual(['mtu is 1500', 'mtu is 1500']);
    for (const { remedy } of found) sh(lab.node, remedy!);
    expect(findingsOn(lab, '--conf', '/run/inspect-underlay.conf', ...ofRuntime())).toEqual([]);
    await del(given);
  });

  test('a configuration that ADD would refuse now is told, and what stands is looked at all the same', async () => {
    const old = await kept('kept-old', vethConf);
    const { containerID } = old.nics[0]!.attachment;
    const file = `/run/cni/${lab.node.name}/results/underlay-${containerID}-eth0`;
    const before = readFileSync(file, 'utf8');
    const { config, ...rest } = JSON.parse(before);
    const wrong = Buffer.from(config, 'base64').toString().replace('"type":"veth"', '"type":"veth","mtu":3');
    writeFileSync(file, JSON.stringify({ ...rest, config: Buffer.from(wrong).toString('base64') }));
    ip(old, ['link set veth0 down']);
    expect(findingsOn(lab, '--netns', old.path, ...ofRuntime()).slice(0, 2)).toMatchObject([
      {
        object: 'configuration of eth0, network underlay',
        problem: expect.stringMatching(/^ADD would refuse it now: code 7: .*mtu: 3 is not an integer from 68 to 65535/),
      },
      { object: expect.stringMatching(/^.* veth0 /) },
    ]);
    writeFileSync(file, before);
    await del(old);
  });
});

test('a pod whose NICs have different configurations is healthy, though none of them is told', async () => {
  const nic = (keys: object, stack: readonly ('IPv4' | 'IPv6')[] = ['IPv4', 'IPv6']) => {
    const ranges = Object.fromEntries(stack.map(family => [family, lab.lan.ranges[family]]));
    return underlay(lab.node, ranges, [{ ...vethConf, ...keys }], { name: 'mixed', master: 'eth0' });
  };
  const mixed = await createPod(lab.node, 'look-mixed', {
    eth0: nic({ reply_path: {}, mtu: 9000 }, ['IPv4']),
    net1: nic({ mtu: 1400 }),
    net2: nic({ move_routes: 2 }),
  });
  expect(findings('--netns', mixed.path)).toEqual([]);
  // Who has a CIDR that another has not is not known; that the route leads elsewhere is.
  ip(mixed, ['route delete 10.96.0.0/16 dev veth0']);
  const [finding, ...others] = findings('--netns', mixed.path);
  expect(finding).toMatchObject({
    broken: false,
    problem: 'missing; right if the configuration of eth0 does not name it',
  });
  expect(others).toEqual([]);
  ip(mixed, [`route add 10.96.0.0/16 via 169.254.1.9 dev veth0 onlink src ${mixed.nics[0]!.addresses.IPv4} proto 86`]);
  expect(findings('--netns', mixed.path)).toMatchObject([{ broken: true, problem: 'gateway is 169.254.1.9' }]);
  expect(veth(lab.node, ['inspect', '--netns', mixed.path]).status).toBe(1);
  for (const { network, attachment } of mixed.nics) await runtime(lab.node).del(network, attachment);
});

test('what a NIC that is gone shared with the other is worth knowing, and breaks nothing', async () => {
  const nic = (family: 'IPv4' | 'IPv6', keys: object) =>
    underlay(lab.node, { [family]: lab.lan.ranges[family] }, [{ ...vethConf, ...keys }], {
      name: 'gone',
      master: 'eth0',
    });
  const left = await createPod(lab.node, 'look-left', { eth0: nic('IPv6', { reply_path: {} }), net1: nic('IPv4', {}) });
  const [eth0, net1] = left.nics;
  await runtime(lab.node).del(eth0!.network, eth0!.attachment);
  const inspected = veth(lab.node, ['inspect', '--netns', left.path]);
  expect(inspected.status).toBe(0);
  for (const shared of ['neighbour fe80::1 ', 'nftables inet veth0 '])
    expect(inspected.stdout).toContain(`? no ${shared}`);
  await runtime(lab.node).del(net1!.network, net1!.attachment);
});

test('a LAN within a CIDR of another NIC alone may be missing in the table of a NIC that left its routes in main', async () => {
  const nic = (keys: object) =>
    underlay(lab.node, lab.lan.ranges, [{ ...vethConf, ...keys }], { name: 'wide', master: 'eth0' });
  const wide = await createPod(lab.node, 'look-wide', {
    eth0: nic({ additional_cidr: ['10.0.0.0/8'] }),
    net1: nic({ move_routes: 2 }),
  });
  const ofLan = () =>
    findings('--netns', wide.path).filter(({ object }) => object.startsWith('route 10.6.0.0/16 dev net1'));
  expect(ofLan()).toMatchObject([
    { broken: false, problem: 'missing; right if the configuration of net1 does not name 10.0.0.0/8' },
  ]);
  for (const { network, attachment } of wide.nics) await runtime(lab.node).del(network, attachment);
});

describe('pictures', () => {
  let drawn: Pod;
  let end: string;
  beforeAll(async () => {
    drawn = await createPod(lab.node, 'look-drawn', { eth0: underlay(lab.node, lab.lan.ranges, [vethConf]) });
    end = namesOf(drawn.nics[0]!.attachment.containerID).hostName;
  });

  test('the SVG shows the NIC, both ends of the pair, and the addresses', () => {
    const file = '/run/picture.svg';
    expect(veth(lab.node, ['inspect', '--netns', drawn.path, '--svg', file]).status).toBe(0);
    const svg = readFileSync(file, 'utf8');
    for (const shown of ['eth0', 'veth0', end, drawn.addresses.IPv4, drawn.addresses.IPv6, '10.6.0.10'])
      expect(svg).toContain(`>${shown}</text>`);
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  test('the Mermaid flowchart has the same, and says how much is wrong', () => {
    const mermaid = () => veth(lab.node, ['inspect', '--netns', drawn.path, '--mermaid']).stdout;
    expect(mermaid()).toMatch(/^flowchart LR\n/);
    expect(mermaid()).toContain(`pod0_pair === host0["${end}"]`);
    ip(drawn, ['neighbour delete 169.254.1.1 dev veth0']);
    expect(mermaid()).toContain(`pod0_pair -.-|1 wrong| host0["${end}"]`);
    for (const { remedy } of findings('--netns', drawn.path)) sh(lab.node, remedy!);
  });
});

test('IPv6 forwarding that is off for the pair alone is nothing wrong: the kernel looks at that of all', () => {
  sysctl(lab.node, { [`net.ipv6.conf.${host}.forwarding`]: 0 });
  expect(findings('--netns', pod.path).filter(({ object }) => object.includes('forwarding'))).toEqual([]);
  sysctl(lab.node, { [`net.ipv6.conf.${host}.forwarding`]: 1 });
});

describe('what cannot be served is refused, and names the option', () => {
  test.each([
    [['--conf', '/nowhere'], /^veth inspect: --conf \/nowhere: ENOENT/],
    [['--conf', '/dev/null'], /^veth inspect: --conf \/dev\/null: this is no configuration: it is empty\n$/],
    [['--svg', '/nowhere/x.svg'], /^veth inspect: --svg \/nowhere\/x\.svg: ENOENT/],
    [['--json', '--mermaid'], /^veth inspect: --json and --mermaid print different things/],
    [['--pod', ''], /^veth inspect: --pod ID is missing/],
  ])('%j', (options, message) => {
    const { status, stdout, stderr } = veth(lab.node, ['inspect', ...options]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('which pods', () => {
  test('a pod is found by the name that the runtime told, or by the beginning of its container ID', async () => {
    const namespace = createNamespace('look-named');
    const containerID = 'abcdef0123456789';
    const args = { K8S_POD_NAMESPACE: 'shop', K8S_POD_NAME: 'web', IgnoreUnknown: '1' };
    const network = underlay(lab.node, lab.lan.ranges, [vethConf]);
    await runtime(lab.node).add(network, { containerID, netns: namespace.path, ifName: 'eth0', args });
    for (const name of ['shop/web', 'web', 'abcdef']) {
      const { pods } = vethJson<Inspection>(lab.node, ['inspect', '--pod', name]);
      expect(pods).toMatchObject([{ pod: 'shop/web', containerID, netns: namespace.path }]);
    }
    expect(veth(lab.node, ['inspect', '--pod', 'web']).stdout).toContain('pod shop/web, container abcdef0123456');
  });

  test('none by that name is an error that says so', () => {
    expect(veth(lab.node, ['inspect', '--pod', 'nope'])).toMatchObject({
      status: 2,
      stderr: 'veth inspect: no pair of ours is that of a pod or container nope\n',
    });
    expect(veth(lab.node, ['inspect', '--netns', lab.overlay.path])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`no pair of ours leads to ${lab.overlay.path}`),
    });
  });

  test('of a pod whose namespace has no name and no process only the node’s side is shown, and that is said', async () => {
    const namespace: Namespace = createNamespace('look-hidden');
    const attachment = { containerID: 'hidden-pod', netns: namespace.path, ifName: 'eth0' };
    await runtime(lab.node).add(underlay(lab.node, lab.lan.ranges, [vethConf]), attachment);
    // The mount is out of sight, as it is for a container that has not the node's /run.
    const script = `umount /run/netns/look-hidden && exec nsenter --net=${lab.node.path} apps/veth/dist/veth inspect --pod hidden-pod`;
    const root = new URL('../../../../', import.meta.url).pathname;
    const { stdout } = await import('node:child_process').then(({ spawnSync }) =>
      spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
        encoding: 'utf8',
        cwd: root,
      }),
    );
    expect(stdout).toContain('├─ namespace not found\n');
    expect(stdout).toMatch(
      /\? namespace number \d+: has no name in \/run\/netns, and no process that is seen from here/,
    );
    expect(stdout).toMatch(/on the node: up, \S+, mtu 1500, leads to 10\.6\.0\.\d+, fd00:10:6::\S+/);
  });
});
