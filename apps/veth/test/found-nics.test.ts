// NICs as they are found: whatever their names, however many, and in whatever state another plugin left them.
import { describe, expect, test } from 'vitest';
import { flows } from '../../../tools/lab/flows.ts';
import { inside, ip, type Namespace, run, show, sysctl } from '../../../tools/lab/namespace.ts';
import { probe, serve } from '../../../tools/lab/probe.ts';
import { state } from '../../../tools/lab/state.ts';
import { createStand, type Stand, succeeded } from './stand.ts';

let count = 0;

/** A pod with these NICs, the first in the LAN 10.6.0.0/16, the second in 10.7.0.0/16; more commands for the pod. */
function standWith({ nics = ['eth0'], more = [] }: { nics?: string[]; more?: string[] } = {}): Stand {
  return createStand(`found-nics${count++}`, pod => ({
    node: nics.flatMap((nic, i) => [
      `link add lan${i} up type veth peer name ${nic} netns ${pod}`,
      `address add 10.${6 + i}.0.10/16 dev lan${i}`,
      `address add fd00:10:${6 + i}::10/64 dev lan${i}`,
    ]),
    pod: [
      ...nics.flatMap((nic, i) => [
        `link set ${nic} up`,
        `address add 10.${6 + i}.0.100/16 dev ${nic}`,
        `address add fd00:10:${6 + i}::100/64 dev ${nic}`,
      ]),
      ...more,
    ],
  }));
}

/** What nobody but the plugin changes: link-local addresses and their routes come when the kernel gets round to them. */
function lasting({ node, pod }: Stand) {
  return [node, pod].map(namespace => {
    const { addresses, routes, ...rest } = state(namespace);
    return rest;
  });
}

const cluster = { cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'] };
const defaults = ['route add default via 10.6.0.1', 'route add ::/0 via fd00:10:6::1'];

describe('names', () => {
  test('the first NIC may have any name', () => {
    using stand = standWith({ nics: ['underlay-7'] });
    expect(stand.call('ADD', cluster, 'underlay-7')).toMatchObject(succeeded);
    const way = show(stand.pod, 'route', 'get', '10.244.0.1');
    expect(way).toMatchObject([{ dev: 'veth0', prefsrc: '10.6.0.100' }]);
  });

  test('later NICs may have any name, and each has a table of its own beside links that are none of them', () => {
    using stand = standWith({
      nics: ['eth0', 'storage', 'net0', 'net12'],
      more: [...defaults, 'link add br0 up type bridge', 'link add br1 type bridge'],
    });
    const nics = ['eth0', 'storage', 'net0', 'net12'];
    for (const nic of nics) expect(stand.call('ADD', cluster, nic)).toMatchObject(succeeded);
    const sources = nics.map((_, i) => `10.${6 + i}.0.100`);
    for (const from of sources)
      expect(show(stand.pod, 'route', 'get', '10.244.0.1', 'from', from)).toMatchObject([{ dev: 'veth0' }]);
    const rules = show<{ src: string; table: string }>(stand.pod, '-4', 'rule', 'show');
    const tables = sources
      .slice(1)
      .map(from => rules.find(({ src, table }) => src === from && table !== 'main')?.table);
    const indexes = show<{ ifname: string; ifindex: number }>(stand.pod, 'link', 'show');
    const indexOf = (nic: string) => indexes.find(({ ifname }) => ifname === nic)!.ifindex;
    expect(tables).toEqual(nics.slice(1).map(nic => String(8600 + indexOf(nic))));
    for (const nic of nics) expect(stand.call('CHECK', cluster, nic)).toMatchObject(succeeded);
  });
});

describe('ADD again', () => {
  test('of a later NIC stacks no second rule', () => {
    using stand = standWith({ nics: ['eth0', 'net1'], more: defaults });
    for (const nic of ['eth0', 'net1']) expect(stand.call('ADD', cluster, nic)).toMatchObject(succeeded);
    const { rules } = state(stand.pod);
    expect(rules.join('\n')).toContain('from 10.7.0.100');
    expect(stand.call('ADD', cluster, 'net1')).toMatchObject(succeeded);
    expect(state(stand.pod).rules).toEqual(rules);
  });

  test('puts right what was changed: a route, its source, a hardware address, a setting, a rule', () => {
    using stand = standWith({ nics: ['eth0', 'net1'], more: defaults });
    for (const nic of ['eth0', 'net1']) expect(stand.call('ADD', cluster, nic)).toMatchObject(succeeded);
    const ours = () => [
      lasting(stand),
      ...[stand.node, stand.pod].map(({ name }) =>
        run(['ip', '-netns', name, 'route', 'show', 'table', 'all', 'proto', '86']).split('\n').sort(),
      ),
    ];
    const before = ours();
    ip(stand.pod, [
      'route delete 10.6.0.10/32',
      'route replace 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink proto 86',
      'neighbour replace 169.254.1.1 lladdr 02:00:00:00:00:99 dev veth0 nud permanent',
      'rule delete priority 8600',
    ]);
    ip(stand.node, [`neighbour replace 10.6.0.100 lladdr 02:00:00:00:00:99 dev ${stand.host} nud permanent`]);
    sysctl(stand.pod, { 'net.ipv4.conf.veth0.rp_filter': 1 });
    expect(stand.call('CHECK', cluster)).not.toMatchObject(succeeded);
    for (const nic of ['eth0', 'net1']) expect(stand.call('ADD', cluster, nic)).toMatchObject(succeeded);
    expect(ours()).toEqual(before);
  });
});

test('with more CIDRs a running pod has routes to them too, and CHECK names them before', () => {
  using stand = standWith({});
  expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
  const more = { ...cluster, additional_cidr: ['172.20.0.0/16'] };
  expect(stand.call('CHECK', more).stdout).toContain('route 172.20.0.0/16 via 169.254.1.1 dev veth0 onlink');
  expect(stand.call('ADD', more)).toMatchObject(succeeded);
  expect(stand.call('CHECK', more)).toMatchObject(succeeded);
  expect(show(stand.pod, 'route', 'get', '172.20.0.1')).toMatchObject([{ dev: 'veth0', prefsrc: '10.6.0.100' }]);
});

test('a later NIC takes only its own path out of a default route that NICs share', () => {
  using stand = standWith({
    nics: ['eth0', 'net1'],
    more: ['route add ::/0 nexthop via fd00:10:6::1 weight 2 nexthop via fd00:10:6::2'],
  });
  expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
  // The kernel makes of it one route with three paths.
  ip(stand.pod, ['route append ::/0 via fd00:10:7::1']);
  expect(show(stand.pod, '-6', 'route', 'show', 'default')).toHaveLength(1);
  expect(stand.call('ADD', cluster, 'net1')).toMatchObject(succeeded);
  const paths = (...table: string[]) =>
    show(stand.pod, '-6', 'route', 'show', 'default', ...table).flatMap(route => route['nexthops'] ?? [route]);
  expect(paths()).toMatchObject([
    { gateway: 'fd00:10:6::1', dev: 'eth0', weight: 2 },
    { gateway: 'fd00:10:6::2', dev: 'eth0', weight: 1 },
  ]);
  const [{ ifindex }] = show<{ ifindex: number }>(stand.pod, 'link', 'show', 'net1') as [{ ifindex: number }];
  expect(paths('table', String(8600 + ifindex))).toMatchObject([{ gateway: 'fd00:10:7::1', dev: 'net1' }]);
});

describe('addresses', () => {
  test('a NIC without any is refused in so many words', () => {
    using stand = createStand(`found-nics${count++}`, pod => ({
      node: [`link add lan up type veth peer name eth0 netns ${pod}`, 'link set lan addrgenmode none'],
      pod: ['link set eth0 up addrgenmode none'],
    }));
    const before = lasting(stand);
    const { status, stdout } = stand.call('ADD', { ...cluster, hardware_prefix: '0a:1b' });
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: 7, msg: 'link eth0 in the pod: has no usable global address' });
    expect(lasting(stand)).toEqual(before);
  });

  test('those that the NIC has count, whether the result before tells of them or not', () => {
    using stand = standWith({});
    expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
    for (const address of ['10.6.0.100', 'fd00:10:6::100'])
      expect(show(stand.node, 'route', 'get', address)).toMatchObject([{ dev: stand.host }]);
  });

  test('one that is still being checked for duplicates is waited for, and becomes the source', () => {
    using stand = standWith({});
    sysctl(stand.pod, { 'net.ipv6.conf.eth0.accept_dad': 1, 'net.ipv6.conf.all.accept_dad': 1 });
    ip(stand.pod, ['address delete fd00:10:6::100/64 dev eth0', 'address add fd00:10:6::101/64 dev eth0']);
    expect(show(stand.pod, 'address', 'show', 'dev', 'eth0', 'tentative')[0]).toHaveProperty('addr_info');
    expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
    expect(show(stand.pod, 'route', 'get', 'fd00:10:244::1')).toMatchObject([
      { dev: 'veth0', prefsrc: 'fd00:10:6::101' },
    ]);
  });

  test('one that another on the link has is refused, though the NIC has others', () => {
    using stand = standWith({});
    ip(stand.node, ['address add fd00:10:6::101/64 dev lan0 nodad']);
    sysctl(stand.pod, { 'net.ipv6.conf.eth0.accept_dad': 1, 'net.ipv6.conf.all.accept_dad': 1 });
    ip(stand.pod, ['address add fd00:10:6::101/64 dev eth0']);
    const { status, stdout } = stand.call('ADD', cluster);
    expect(status).toBe(1);
    const msg =
      'address fd00:10:6::101/64 dev eth0 in the pod: another on the link has it (duplicate address detection)';
    expect(JSON.parse(stdout)).toMatchObject({ code: 103, msg });
  });

  test('a pod without IPv6 is attached to a cluster that has it', () => {
    using stand = standWith({});
    sysctl(stand.pod, { 'net.ipv6.conf.all.disable_ipv6': 1, 'net.ipv6.conf.default.disable_ipv6': 1 });
    expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
    expect(show(stand.pod, 'route', 'get', '10.244.0.1')).toMatchObject([{ dev: 'veth0' }]);
    expect(stand.call('CHECK', cluster)).toMatchObject(succeeded);
  });

  test('a pod whose new links are without IPv6 has it on the pair all the same', () => {
    using stand = standWith({});
    sysctl(stand.pod, { 'net.ipv6.conf.default.disable_ipv6': 1 });
    expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
    expect(show(stand.pod, 'route', 'get', 'fd00:10:244::1')).toMatchObject([{ dev: 'veth0' }]);
  });

  // The kernel makes the address late, or never: here it does not make any.
  test('the pair has a link-local address at once, which CHECK demands', () => {
    using stand = standWith({});
    sysctl(stand.pod, { 'net.ipv6.conf.default.addr_gen_mode': 1 });
    expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
    const [link] = show<{ addr_info: object[] }>(stand.pod, '-6', 'address', 'show', 'dev', 'veth0');
    expect(link?.addr_info).toMatchObject([{ local: expect.stringMatching(/^fe80::/), prefixlen: 64 }]);
    expect(stand.call('CHECK', cluster)).toMatchObject(succeeded);
  });
});

test('txqueuelen is set on the pod’s NIC, not on the node’s of the same name', () => {
  using stand = standWith({});
  ip(stand.node, ['link add eth0 txqueuelen 700 type bridge']);
  expect(stand.call('ADD', { txqueuelen: 345 })).toMatchObject(succeeded);
  expect(show(stand.pod, 'link', 'show', 'eth0')).toMatchObject([{ txqlen: 345 }]);
  expect(show(stand.node, 'link', 'show', 'eth0')).toMatchObject([{ txqlen: 700 }]);
});

test('without reply_path the pod gets no nf_tables and no mark rule: its connections are not tracked', () => {
  using stand = standWith({});
  const { nftables, rules } = state(stand.pod);
  expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
  expect(state(stand.pod)).toMatchObject({ nftables, rules });
});

test('with skip nothing is done, by no command', () => {
  using stand = standWith({});
  const before = lasting(stand);
  for (const command of ['ADD', 'CHECK', 'DEL']) expect(stand.call(command, { skip: true })).toMatchObject(succeeded);
  expect(lasting(stand)).toEqual(before);
});

test('the message that makes the pair has the hardware addresses of both ends, and none is set later', () => {
  using stand = standWith({});
  const addressOf = (namespace: Namespace, name: string) =>
    show<{ address: string }>(namespace, 'link', 'show', name)[0]!.address;
  const mac = addressOf(stand.pod, 'eth0');
  const { status, trace } = stand.trace('ADD');
  expect(status).toBe(0);
  // The NIC's own address is set to what it is, which announces it.
  const sent = trace.filter(line => /^netlink > \d+ link\.(add|set) .* address: /.test(line) && !line.includes(mac));
  expect(sent).toHaveLength(1);
  expect(sent[0]).toContain(addressOf(stand.node, stand.host));
  expect(sent[0]).toContain(addressOf(stand.pod, 'veth0'));
});

test('what a service mesh redirects arrives, though it comes in through the pair', async () => {
  using stand = standWith({});
  expect(stand.call('ADD', cluster)).toMatchObject(succeeded);
  const ruleset = `
    table inet mesh {
      chain in {
        type nat hook prerouting priority dstnat
        iifname veth0 tcp dport 8080 redirect to :80
      }
    }`;
  run(inside(stand.pod, ['nft', '--file', '-']), ruleset);
  const host = (namespace: typeof stand.node, last: string) => ({
    ...namespace,
    addresses: { IPv4: `10.6.0.${last}`, IPv6: `fd00:10:6::${last}` },
  });
  using _servers = await serve([stand.pod]);
  const ways = Object.values(flows(host(stand.node, '10'), host(stand.pod, '100'), { port: 8080 }));
  expect([...(await probe(ways)).values()]).toEqual([undefined, undefined]);
});
