// Whatever of what ADD made is changed by hand, CHECK names it, and ADD again puts it right: a row for each attribute of each
// kind of planned object.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inside, ip, run, show, sysctl } from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import type { Answer } from './call.ts';
import { createStand, type Stand } from './stand.ts';

const nics = ['eth0', 'net1'] as const;
const own = (i: number) => ({ IPv4: `10.${6 + i}.0`, IPv6: `fd00:10:${6 + i}:` });

/** To put an end of the pair into. It keeps its address whatever is in it. */
const bridge = 'link add br0 address 02:00:00:00:00:02 type bridge';

/** Each in a LAN of its own, which the node is in too. */
function standOf(name: string): Stand {
  const stand = createStand(name, pod => ({
    node: [
      bridge,
      ...nics.flatMap((nic, i) => [
        `link add lan${i} up type veth peer name ${nic} netns ${pod}`,
        `address add ${own(i).IPv4}.10/16 dev lan${i}`,
        `address add ${own(i).IPv6}:10/64 dev lan${i} nodad`,
      ]),
    ],
    pod: [bridge, ...nics.map(nic => `link set ${nic} up`)],
  }));
  sysctl(stand.node, { 'net.ipv4.conf.all.forwarding': 1 });
  return stand;
}

function plug({ pod }: Stand, i: number): void {
  ip(pod, [
    `address add ${own(i).IPv4}.100/16 dev ${nics[i]}`,
    `address add ${own(i).IPv6}:100/64 dev ${nics[i]} nodad`,
    `route append default via ${own(i).IPv4}.1 dev ${nics[i]}`,
    `route append ::/0 via ${own(i).IPv6}:1 dev ${nics[i]}`,
  ]);
}

const keys = {
  cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'],
  hardware_prefix: '0a:1b',
  txqueuelen: 500,
  rp_filter: { value: 2, set_host: true },
  reply_path: {},
};

/** With what the chain gave the NIC: the gateway of a route that has none is that of its address. */
function keysFor({ pod }: Stand, ifName: (typeof nics)[number]): object {
  const { IPv4, IPv6 } = own(nics.indexOf(ifName));
  const prevResult = {
    cniVersion: '1.0.0',
    interfaces: [{ name: ifName, sandbox: pod.path }],
    ips: [
      { address: `${IPv4}.100/16`, gateway: `${IPv4}.1`, interface: 0 },
      { address: `${IPv6}:100/64`, interface: 0 },
    ],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0', gw: `${IPv6}:1` }],
  };
  return { ...keys, prevResult };
}

type Change = (stand: Stand) => void;
const inPod =
  (...commands: string[]): Change =>
  ({ pod }) =>
    ip(pod, commands);
const onNode =
  (commands: (host: string) => string[]): Change =>
  ({ node, host }) =>
    ip(node, commands(host));
const podSetting =
  (key: string, value: number): Change =>
  ({ pod }) =>
    sysctl(pod, { [key]: value });
const nodeSetting =
  (key: (host: string) => string, value: number): Change =>
  ({ node, host }) =>
    sysctl(node, { [key(host)]: value });
const nft =
  (command: string): Change =>
  ({ pod }) =>
    void run(inside(pod, ['nft', command]));

const address = '02:00:00:00:00:01';
const cluster = 'route replace 10.244.0.0/16 via 169.254.1.1 dev veth0 onlink src 10.6.0.100';
const cluster6 = 'fd00:10:244::/56 via fe80::1 dev veth0 src fd00:10:6::100';
const marked = 'fwmark 0x20000000/0x20000000';
const reply = `priority 8599 ${marked} lookup 8600`;
/** The pod end keeps an address meanwhile, so that its routes stay. */
const readdress = (address: string) =>
  inPod(
    'address add 169.254.1.9/32 dev veth0',
    'address delete 169.254.1.2/32 dev veth0',
    `address add ${address} dev veth0`,
    'address delete 169.254.1.9/32 dev veth0',
  );
const ownTable = ({ pod }: Stand) => 8600 + show<{ ifindex: number }>(pod, 'link', 'show', 'net1')[0]!.ifindex;
const inOwnTable =
  (...commands: string[]): Change =>
  stand =>
    inPod(...commands.map(command => command.replace('OWN', String(ownTable(stand)))))(stand);

/** Of the pod's only NIC. */
const changes: readonly [string, Change, RegExp][] = [
  ['MTU of the pod end', inPod('link set veth0 mtu 1400'), /link veth0 mtu 1500 in the pod: mtu is 1400$/],
  [
    'MTU of the host end',
    onNode(host => [`link set ${host} mtu 1400`]),
    /^link veth\S{11} mtu 1500 on the node: mtu is 1400$/,
  ],
  [
    'MTU of both ends',
    stand => {
      inPod('link set veth0 mtu 1400')(stand);
      onNode(host => [`link set ${host} mtu 1400`])(stand);
    },
    /mtu 1500 in the pod: mtu is 1400; link veth\S{11} mtu 1500 on the node: mtu is 1400$/,
  ],
  // The kernel takes IPv6 with all its settings from a link with an MTU less than 1280.
  ['MTU of the pod end, to one without IPv6', inPod('link set veth0 mtu 1000'), /mtu 1500 in the pod: mtu is 1000; /],
  [
    'MTU of the host end, to one without IPv6',
    onNode(host => [`link set ${host} mtu 1000`]),
    /mtu 1500 on the node: mtu is 1000; /,
  ],
  [
    'hardware address of the pod end',
    inPod(`link set veth0 address ${address}`),
    /link veth0 address \S+ in the pod: address is 02:00:00:00:00:01; /,
  ],
  [
    'hardware address of the host end',
    onNode(host => [`link set ${host} address ${address}`]),
    /link veth\S{11} address \S+ on the node: address is 02:00:00:00:00:01; /,
  ],
  ['state of the pod end', inPod('link set veth0 down'), /link veth0 up in the pod: up is false; /],
  ['state of the host end', onNode(host => [`link set ${host} down`]), /link veth\S{11} up on the node: up is false; /],
  [
    'alias of the host end',
    onNode(host => [`link set ${host} alias mine`]),
    /^link veth\S{11} alias "container \S+" on the node: alias is mine$/,
  ],
  [
    'further name of the host end',
    ({ node, host }) => {
      const [{ altnames }] = show<{ altnames: string[] }>(node, 'link', 'show', host) as [{ altnames: string[] }];
      ip(node, [`link property del dev ${host} altname ${altnames[0]}`]);
    },
    /^link veth\S{11} altname \S+@underlay@eth0 on the node: missing$/,
  ],
  [
    'hardware address of the NIC',
    inPod(`link set eth0 address ${address}`),
    /link eth0 address 0a:1b:0a:06:00:64 in the pod: address is 02:00:00:00:00:01/,
  ],
  ['queue of the NIC', inPod('link set eth0 txqueuelen 7'), /^link eth0 txqueuelen 500 in the pod: txqueuelen is 7$/],
  [
    'address of the pod end',
    inPod('address delete 169.254.1.2/32 dev veth0'),
    /address 169\.254\.1\.2\/32 scope link dev veth0 in the pod: missing; /,
  ],
  ...['peer 10.96.0.1/32 scope link', 'brd 169.254.20.10 scope link'].map((more): [string, Change, RegExp] => [
    `address of the pod end, with ${more}`,
    readdress(`169.254.1.2 ${more}`),
    new RegExp(
      `^no address 169\\.254\\.1\\.2/32 ${more.replace('1/32', '1').replaceAll('.', '\\.')} dev veth0 in the pod: is there; address .*: missing$`,
    ),
  ]),
  [
    'address of the pod end: it is there once more with a peer',
    inPod('address add 169.254.1.2 peer 10.96.0.1/32 scope link dev veth0'),
    /^no address 169\.254\.1\.2\/32 peer 10\.96\.0\.1 scope link dev veth0 in the pod: is there$/,
  ],
  [
    'lifetime of the address of the pod end',
    inPod('address change 169.254.1.2/32 dev veth0 valid_lft 500 preferred_lft 300'),
    /^address 169\.254\.1\.2\/32 scope link dev veth0 in the pod: expires is \d+$/,
  ],
  [
    'link-local address of the pod end',
    ({ pod }) => run(['ip', '-netns', pod.name, '-6', 'address', 'flush', 'dev', 'veth0', 'scope', 'link']),
    /^address fe80::\S+\/64 scope link dev veth0 in the pod: missing$/,
  ],
  [
    'hardware address of a gateway',
    inPod(`neighbour replace 169.254.1.1 lladdr ${address} dev veth0 nud permanent proto 86`),
    /^neighbour 169\.254\.1\.1 \S+ \S+ dev veth0 in the pod: address is 02:00:00:00:00:01$/,
  ],
  [
    'permanence of a gateway',
    inPod(
      'neighbour delete 169.254.1.1 dev veth0',
      `neighbour replace 169.254.1.1 lladdr ${address} dev veth0 nud reachable proto 86`,
    ),
    /^neighbour 169\.254\.1\.1 .*, state is reachable$/,
  ],
  [
    'protocol of a gateway',
    inPod('neighbour delete fe80::1 dev veth0', `neighbour replace fe80::1 lladdr ${address} dev veth0 nud permanent`),
    /^neighbour fe80::1 .* in the pod: .*protocol is not set$/,
  ],
  [
    'MTU of a route',
    inPod(`${cluster} proto 86 mtu 500`),
    /^route 10\.244\.0\.0\/16 .* in the pod: metrics is \{mtu: 500\}$/,
  ],
  [
    'MTU of an IPv6 route',
    inPod('route delete fd00:10:244::/56', `route add ${cluster6} proto 86 mtu 1300`),
    /^route fd00:10:244::\/56 .* in the pod: metrics is \{mtu: 1300\}$/,
  ],
  [
    'metric of a route',
    inPod('route delete 10.244.0.0/16', `${cluster} proto 86 metric 50`),
    /^route 10\.244\.0\.0\/16 .* in the pod: missing; no route 10\.244\.0\.0\/16 .* metric 50 in the pod: is there$/,
  ],
  [
    'metric of an IPv6 route',
    inPod('route delete fd00:10:244::/56', `route add ${cluster6} proto 86 metric 50`),
    /^route fd00:10:244::\/56 .* in the pod: missing; no route fd00:10:244::\/56 .* metric 50 in the pod: is there$/,
  ],
  [
    'type of service of a route',
    inPod('route delete 10.244.0.0/16', `${cluster.replace('/16', '/16 tos 0x10')} proto 86`),
    /^route 10\.244\.0\.0\/16 .* in the pod: missing; no route 10\.244\.0\.0\/16 tos 0x10 .* in the pod: is there$/,
  ],
  [
    'gateway of a route',
    inPod('route replace 10.244.0.0/16 dev veth0 src 10.6.0.100 proto 86'),
    /^route 10\.244\.0\.0\/16 .* in the pod: gateway is not set, onlink is false$/,
  ],
  [
    'source of a route',
    inPod(cluster.replace(/ src.*/, ' proto 86')),
    /^route 10\.244\.0\.0\/16 .* in the pod: prefsrc is not set$/,
  ],
  [
    'device of a route',
    inPod('route replace 10.244.0.0/16 via 10.6.0.1 dev eth0 src 10.6.0.100 proto 86'),
    /^route 10\.244\.0\.0\/16 .* in the pod: missing$/,
  ],
  ['protocol of a route', inPod(cluster), /^route 10\.244\.0\.0\/16 .* in the pod: protocol is boot$/],
  ['type of a route', inPod('route replace blackhole 10.244.0.0/16 proto 86'), /^route 10\.244\.0\.0\/16 .*: missing$/],
  [
    'route: another’s comes before it',
    inPod('route prepend 10.244.0.0/16 via 10.6.0.1 dev eth0'),
    /^no route 10\.244\.0\.0\/16 via 10\.6\.0\.1 dev eth0 proto boot in the pod: is in the place of ours$/,
  ],
  [
    'route: another’s by a device that is not ours comes before it',
    inPod('route prepend 10.244.0.0/16 dev lo'),
    /^no route 10\.244\.0\.0\/16 dev lo proto boot in the pod: is in the place of ours$/,
  ],
  [
    'route: another’s through the pair, and a blackhole, come before it',
    inPod('route prepend 10.244.0.0/16 dev veth0', 'route prepend blackhole 10.244.0.0/16'),
    /^no route blackhole 10\.244\.0\.0\/16 proto boot in the pod: is in .*; no route 10\.244\.0\.0\/16 dev veth0 proto boot/,
  ],
  [
    'IPv6 route: another’s comes before it',
    inPod('route delete fd00:10:244::/56', 'route add fd00:10:244::/56 dev eth0', `route append ${cluster6} proto 86`),
    /^no route fd00:10:244::\/56 dev eth0 metric 1024 proto boot in the pod: is in the place of ours$/,
  ],
  [
    'IPv6 route: a blackhole comes before it',
    inPod(
      'route delete fd00:10:244::/56',
      'route add blackhole fd00:10:244::/56 metric 1024',
      `route append ${cluster6} proto 86`,
    ),
    /^no route blackhole fd00:10:244::\/56 dev lo metric 1024 proto boot in the pod: is in the place of ours$/,
  ],
  [
    'IPv6 route: another’s is preferred to it',
    inPod('route append fd00:10:244::/56 dev eth0 metric 1024 pref high'),
    /^no route fd00:10:244::\/56 dev eth0 metric 1024 proto boot in the pod: is in the place of ours$/,
  ],
  ...['low', 'high'].map((pref): [string, Change, RegExp] => [
    `preference of an IPv6 route, to ${pref}`,
    inPod(`route replace ${cluster6} proto 86 pref ${pref}`),
    new RegExp(`^route fd00:10:244::/56 .* in the pod: pref is ${pref}$`),
  ]),
  [
    'sources of an IPv6 route',
    inPod('route delete fd00:10:244::/56', `route add ${cluster6} proto 86 from fd00:1::/64`),
    /^route fd00:10:244::\/56 .* in the pod: missing; no route fd00:10:244::\/56 from fd00:1::\/64 .* in the pod: is there$/,
  ],
  [
    'IPv6 route: another’s takes a share of it',
    inPod('route append fd00:10:244::/56 via fd00:10:6::1 dev eth0'),
    /^route fd00:10:244::\/56 .* in the pod: missing$/,
  ],
  [
    'route: there are several with our number',
    inPod(
      'route append 10.244.0.0/16 via 10.6.0.1 dev eth0 proto 86',
      `${cluster.replace('replace', 'prepend')} proto 86 mtu 500`,
    ),
    /^no route 10\.244\.0\.0\/16 .* mtu 500 proto 86 in the pod: is in .*; no route 10\.244\.0\.0\/16 .* dev eth0 proto 86/,
  ],
  [
    'route: it has two paths',
    inPod(
      'route replace 10.244.0.0/16 src 10.6.0.100 proto 86 nexthop via 169.254.1.1 dev veth0 onlink nexthop via 10.6.0.1 dev eth0',
    ),
    /^route 10\.244\.0\.0\/16 .* in the pod: missing$/,
  ],
  ['realm of a route', inPod(`${cluster} proto 86 realm 3`), /^route 10\.244\.0\.0\/16 .* in the pod: flow is 3$/],
  [
    'lifetime of an IPv6 route',
    inPod(`route replace ${cluster6} proto 86 expires 500`),
    /^route fd00:10:244::\/56 .* in the pod: expires is \d+$/,
  ],
  [
    'scope of the address of the pod end',
    readdress('169.254.1.2/32 scope global'),
    /^no address 169\.254\.1\.2\/32 scope global dev veth0 in the pod: is there; address 169\.254\.1\.2\/32 .*: missing$/,
  ],
  [
    'length of the address of the pod end',
    readdress('169.254.1.2/24 scope link'),
    /^no address 169\.254\.1\.2\/24 scope link dev veth0 in the pod: is there; address 169\.254\.1\.2\/32 .*: missing$/,
  ],
  ['bridge of the pod end', inPod('link set veth0 master br0'), /link veth0 nomaster in the pod: master is \d+/],
  [
    'bridge of the host end',
    onNode(host => [`link set ${host} master br0`]),
    /link veth\S{11} nomaster on the node: master is \d+/,
  ],
  [
    'route for replies',
    inPod('route delete default table 8600'),
    /^route 0\.0\.0\.0\/0 via 169\.254\.1\.1 dev veth0 onlink table 8600 in the pod: missing$/,
  ],
  [
    'rule for replies',
    inPod('rule delete priority 8599'),
    /^rule priority 8599 from 0\.0\.0\.0\/0 fwmark 0x20000000\/0x20000000 lookup 8600 in the pod: missing$/,
  ],
  [
    'protocol of a rule',
    inPod('rule delete priority 8599', `rule add ${reply}`),
    /^rule priority 8599 from 0\.0\.0\.0\/0 .* in the pod: missing; no rule .* proto unspec in the pod: is in the place of ours$/,
  ],
  ...['not', 'tos 0x10', 'iif eth0', 'ipproto tcp'].map((selector): [string, Change, RegExp] => [
    `rule for replies, with the selector ${selector}`,
    inPod('rule delete priority 8599', `rule add ${selector} ${reply} proto 86`),
    /^rule priority 8599 from 0\.0\.0\.0\/0 fwmark \S+ lookup 8600 in the pod: missing; no rule .* lookup 8600 in the pod: is there$/,
  ]),
  [
    'rule for replies: others’ come before it',
    inPod(
      'rule delete priority 8599',
      `rule add priority 8599 ${marked} lookup 4711`,
      `rule add priority 8599 ${marked} blackhole`,
      `rule add ${reply} proto 86`,
    ),
    /^no rule .* lookup 4711 proto unspec in the pod: is in the .*; no rule .* action blackhole proto unspec in the pod: is in the/,
  ],
  [
    'route for replies: there is another with our number',
    inPod('route add default via 169.254.1.1 dev veth0 onlink table 8600 tos 0x10 proto 86'),
    /^no route 0\.0\.0\.0\/0 tos 0x10 via 169\.254\.1\.1 dev veth0 onlink table 8600 in the pod: is there$/,
  ],
  [
    'table of a rule',
    inPod('rule delete priority 8599', `rule add ${reply.replace('8600', 'main')} proto 86`),
    /lookup 8600 in the pod: missing; no rule priority 8599 .* lookup main in the pod: is there$/,
  ],
  [
    'action of a rule',
    inPod('rule delete priority 8599', `rule add blackhole priority 8599 ${marked} proto 86`),
    /lookup 8600 in the pod: missing; no rule priority 8599 .* action blackhole in the pod: is there$/,
  ],
  ['ruleset', nft('delete table inet veth0'), /^nftables inet veth0 mark 0x20000000 in the pod: missing$/],
  [
    'policy of a chain',
    nft('chain inet veth0 prerouting { policy drop; }'),
    /^nftables inet veth0 mark 0x20000000 in the pod: policy of chain prerouting is drop$/,
  ],
  [
    'state of the ruleset',
    nft('add table inet veth0 { flags dormant; }'),
    /^nftables inet veth0 mark 0x20000000 in the pod: is dormant$/,
  ],
  [
    'rules of a chain',
    nft('flush chain inet veth0 output'),
    /^nftables inet veth0 mark 0x20000000 in the pod: rule ct mark .* of chain output is missing$/,
  ],
  ...(
    [
      ['net.ipv4.conf.veth0.src_valid_mark', 0],
      ['net.ipv4.conf.eth0.arp_notify', 0],
      ['net.ipv6.conf.eth0.ndisc_notify', 0],
      ['net.ipv4.conf.eth0.rp_filter', 1],
      ['net.ipv4.conf.veth0.rp_filter', 1],
      ['net.ipv6.conf.veth0.disable_ipv6', 1],
    ] as const
  ).map(([key, value]): [string, Change, RegExp] => [
    `setting ${key} of the pod`,
    podSetting(key, value),
    new RegExp(`sysctl ${key.replaceAll('.', '/')} = \\d in the pod: is ${value}`),
  ]),
  ...(
    [
      ['net.ipv4.conf.HOST.forwarding', 0],
      ['net.ipv4.conf.HOST.rp_filter', 1],
      ['net.ipv4.conf.all.rp_filter', 1],
      ['net.ipv4.conf.lan0.rp_filter', 1],
      ['net.ipv6.conf.HOST.disable_ipv6', 1],
      ['net.ipv6.conf.HOST.accept_ra', 1],
    ] as const
  ).map(([key, value]): [string, Change, RegExp] => [
    `setting ${key} of the node`,
    nodeSetting(host => key.replace('HOST', host), value),
    new RegExp(`sysctl ${key.replaceAll('.', '/').replace('HOST', '\\S+')} = \\d on the node: is ${value}`),
  ]),
  [
    'hardware address of the node’s neighbour',
    onNode(host => [`neighbour replace 10.6.0.100 lladdr ${address} dev ${host} nud permanent proto 86`]),
    /^neighbour 10\.6\.0\.100 .* on the node: address is 02:00:00:00:00:01$/,
  ],
  [
    'source of the node’s route',
    onNode(host => [`route replace 10.6.0.100 dev ${host} scope link proto 86`]),
    /^route 10\.6\.0\.100\/32 .* on the node: prefsrc is not set$/,
  ],
  [
    'MTU of the node’s route',
    onNode(host => [`route replace 10.6.0.100 dev ${host} src 10.6.0.10 scope link proto 86 mtu 500`]),
    /^route 10\.6\.0\.100\/32 .* on the node: metrics is \{mtu: 500\}$/,
  ],
  [
    'protocol of the node’s route',
    onNode(host => [`route replace 10.6.0.100 dev ${host} src 10.6.0.10 scope link`]),
    /^route 10\.6\.0\.100\/32 .* on the node: protocol is boot$/,
  ],
  [
    'source of the node’s route, to one that faces another LAN',
    onNode(host => [`route replace 10.6.0.100 dev ${host} src 10.7.0.10 scope link proto 86`]),
    /^route 10\.6\.0\.100\/32 dev \S+ src 10\.6\.0\.10 on the node: prefsrc is 10\.7\.0\.10$/,
  ],
  [
    'source of the node’s IPv6 route, to one that faces another LAN',
    onNode(host => [`route replace fd00:10:6::100 dev ${host} src fd00:10:7::10 proto 86`]),
    /^route fd00:10:6::100\/128 dev \S+ src fd00:10:6::10 on the node: prefsrc is fd00:10:7::10$/,
  ],
  [
    'metric of the node’s route',
    onNode(host => ['route delete 10.6.0.100', `route add 10.6.0.100 dev ${host} src 10.6.0.10 proto 86 metric 9`]),
    /^route 10\.6\.0\.100\/32 .* on the node: missing; no route 10\.6\.0\.100\/32 .* metric 9 on the node: is there$/,
  ],
  [
    'route of the node: another’s comes before it',
    onNode(() => ['route prepend 10.6.0.100 dev lan0']),
    /^no route 10\.6\.0\.100\/32 dev lan0 proto boot on the node: is in the place of ours$/,
  ],
  [
    'route of the node: others’ come before it',
    onNode(() => [
      'route prepend 10.6.0.100 dev lan0',
      'route prepend 10.6.0.100 dev lan1',
      'route prepend throw 10.6.0.100',
    ]),
    /^no route throw 10\.6\.0\.100\/32 .*; no route 10\.6\.0\.100\/32 dev lan1 .*; no route 10\.6\.0\.100\/32 dev lan0 .*: is in the place of ours$/,
  ],
  [
    'IPv6 route of the node: another’s is preferred to it',
    onNode(() => ['route append fd00:10:6::100 dev lan0 metric 1024 pref high']),
    /^no route fd00:10:6::100\/128 dev lan0 metric 1024 proto boot on the node: is in the place of ours$/,
  ],
  [
    'gateway of the node’s route',
    onNode(host => [`route replace 10.6.0.100 via inet6 fe80::2 dev ${host} src 10.6.0.10 proto 86`]),
    /^route 10\.6\.0\.100\/32 .* on the node: via is /,
  ],
  [
    'gateway of the node’s IPv6 route',
    onNode(host => [`route replace fd00:10:6::100 via fe80::2 dev ${host} src fd00:10:6::10 proto 86`]),
    /^route fd00:10:6::100\/128 .* on the node: gateway is fe80::2$/,
  ],
  [
    'type of the node’s route',
    onNode(host => [`route replace broadcast 10.6.0.100 dev ${host} src 10.6.0.10 scope link table main proto 86`]),
    /^route 10\.6\.0\.100\/32 .* on the node: type is broadcast$/,
  ],
  [
    'route of the node: one with our number comes before it',
    onNode(host => [`route prepend 10.6.0.100 dev ${host} proto 86`]),
    /^no route 10\.6\.0\.100\/32 dev veth\S{11} proto 86 on the node: is in the place of ours$/,
  ],
  [
    'route of the node: a prohibition comes before it',
    onNode(() => ['route prepend prohibit 10.6.0.100']),
    /^no route prohibit 10\.6\.0\.100\/32 proto boot on the node: is in the place of ours$/,
  ],
  [
    'route of the node: a blackhole is in its place',
    onNode(() => [
      'route replace blackhole 10.6.0.100',
      'route delete fd00:10:6::100',
      'route add blackhole fd00:10:6::100',
    ]),
    /^route 10\.6\.0\.100\/32 dev \S+ src 10\.6\.0\.10 on the node: missing; route fd00:10:6::100\/128 .*: missing$/,
  ],
  [
    'IPv6 route of the node: another’s comes before it',
    onNode(host => [
      'route delete fd00:10:6::100',
      'route add fd00:10:6::100 dev lan0',
      `route append fd00:10:6::100 dev ${host} src fd00:10:6::10 proto 86`,
    ]),
    /^no route fd00:10:6::100\/128 dev lan0 metric 1024 proto boot on the node: is in the place of ours$/,
  ],
  [
    'device of the node’s route',
    onNode(() => ['route replace fd00:10:6::100 dev lan0 src fd00:10:6::10 proto 86']),
    /^route fd00:10:6::100\/128 .* on the node: missing$/,
  ],
];

/** Of a second NIC, which has a table of its own. */
const changesOfSecond: readonly [string, Change, RegExp][] = [
  [
    'rule for an address',
    inPod('rule delete priority 8600 from 10.7.0.100'),
    /^rule priority 8600 from 10\.7\.0\.100\/32 lookup 86\d\d in the pod: missing$/,
  ],
  [
    'rule for a LAN',
    inPod('rule delete priority 8602 to 10.7.0.0/16'),
    /^rule priority 8602 to 10\.7\.0\.0\/16 lookup 86\d\d in the pod: missing$/,
  ],
  [
    'exception for the first NIC',
    inPod('rule delete priority 8601'),
    /^rule priority 8601 from 10\.6\.0\.100\/32 to 10\.7\.0\.0\/16 lookup main in the pod: missing$/,
  ],
  [
    'rule that the pod falls back to',
    inPod('rule delete priority 32768'),
    /^rule priority 32768 from 0\.0\.0\.0\/0 lookup 86\d\d in the pod: missing$/,
  ],
  [
    'default route, back in main',
    inPod('route append default via 10.7.0.1 dev net1'),
    /^no route 0\.0\.0\.0\/0 via 10\.7\.0\.1 dev net1 in the pod: is there$/,
  ],
  ['MTU of the pod end', inPod('link set veth0 mtu 1400'), /^link veth0 mtu 1500 in the pod: mtu is 1400$/],
  [
    'route to its LAN',
    inOwnTable('route delete 10.7.0.0/16 table OWN'),
    /^route 10\.7\.0\.0\/16 dev net1 src 10\.7\.0\.100 table 86\d\d in the pod: missing$/,
  ],
  [
    'IPv6 route to its LAN',
    inOwnTable('route delete fd00:10:7::/64 table OWN'),
    /^route fd00:10:7::\/64 dev net1 metric 256 table 86\d\d in the pod: missing$/,
  ],
  [
    'route to its LAN, and the rule that names the LAN',
    inOwnTable('route delete 10.7.0.0/16 table OWN', 'rule delete priority 8602 to 10.7.0.0/16'),
    /^route 10\.7\.0\.0\/16 dev net1 .*: missing; rule priority 8602 to 10\.7\.0\.0\/16 lookup 86\d\d in the pod: missing$/,
  ],
  [
    'IPv6 route to its LAN, the rule that names the LAN, and the default route',
    stand => {
      inOwnTable('route delete fd00:10:7::/64 table OWN', 'route delete ::/0 table OWN')(stand);
      run(['ip', '-netns', stand.pod.name, '-6', 'rule', 'delete', 'priority', '8602', 'to', 'fd00:10:7::/64']);
    },
    /^route fd00:10:7::\/64 dev net1 .*: missing; route ::\/0 .*: missing; rule priority 8602 to fd00:10:7::\/64 .*: missing$/,
  ],
  [
    'default route of its table',
    inOwnTable('route delete default table OWN', 'route delete ::/0 table OWN'),
    /^route 0\.0\.0\.0\/0 via 10\.7\.0\.1 dev net1 table 86\d\d in the pod: missing; route ::\/0 via fd00:10:7::1 dev net1 .*: missing$/,
  ],
  [
    'table: it is empty',
    inOwnTable('route flush table OWN'),
    /route 10\.7\.0\.0\/16 dev net1 .*: missing; route 0\.0\.0\.0\/0 via 10\.7\.0\.1 dev net1 .*: missing/,
  ],
  [
    'route of its table: another’s comes before it',
    inOwnTable('route prepend 10.244.0.0/16 via 10.7.0.9 dev net1 table OWN'),
    /^no route 10\.244\.0\.0\/16 via 10\.7\.0\.9 dev net1 table 86\d\d proto boot in the pod: is in the place of ours$/,
  ],
  [
    'default route of its table: others’ come before it',
    inOwnTable('route prepend default dev veth0 table OWN', 'route prepend blackhole default table OWN'),
    /^no route blackhole 0\.0\.0\.0\/0 table 86\d\d proto boot .*; no route 0\.0\.0\.0\/0 dev veth0 .*: is in the place of ours$/,
  ],
  [
    'gateway of the default route of its table',
    inOwnTable('route replace default via 10.7.0.9 dev net1 table OWN'),
    /^route 0\.0\.0\.0\/0 via 10\.7\.0\.1 dev net1 table 86\d\d in the pod: gateway is 10\.7\.0\.9, protocol is boot$/,
  ],
  [
    'IPv6 default route of its table: another’s is preferred to it',
    inOwnTable('route append ::/0 dev veth0 table OWN metric 1024 pref high'),
    /^no route ::\/0 dev veth0 metric 1024 table 86\d\d proto boot in the pod: is in the place of ours$/,
  ],
  [
    'rule for replies, which its NICs share: it is for all others',
    inPod('rule delete priority 8599', `rule add not ${reply} proto 86`),
    /^rule priority 8599 .* in the pod: missing; no rule priority 8599 .* invert true lookup 8600 in the pod: is there$/,
  ],
  [
    'rule for a LAN, with a source',
    inOwnTable(
      'rule delete priority 8602 to 10.7.0.0/16',
      'rule add priority 8602 from 10.7.0.100 to 10.7.0.0/16 lookup OWN proto 86',
    ),
    /^rule priority 8602 to 10\.7\.0\.0\/16 .* in the pod: missing; no rule priority 8602 from 10\.7\.0\.100\/32 to .*: is there$/,
  ],
  [
    'action of a rule for a LAN',
    inPod('rule delete priority 8602 to 10.7.0.0/16', 'rule add priority 8602 to 10.7.0.0/16 blackhole proto 86'),
    /^rule priority 8602 to 10\.7\.0\.0\/16 .* in the pod: missing; no rule .* action blackhole proto 86 in the pod: is in the place/,
  ],
  [
    'action of the exception for the first NIC',
    inPod(
      'rule delete priority 8601 to 10.7.0.0/16',
      'rule add priority 8601 from 10.6.0.100 to 10.7.0.0/16 prohibit proto 86',
    ),
    /^rule priority 8601 .* in the pod: missing; no rule priority 8601 .* action prohibit in the pod: is there$/,
  ],
  [
    'rule that the pod falls back to, with a mark',
    inOwnTable('rule delete priority 32768', `rule add priority 32768 ${marked} lookup OWN proto 86`),
    /^rule priority 32768 .* in the pod: missing; no rule priority 32768 from 0\.0\.0\.0\/0 fwmark \S+ lookup 86\d\d .*: is there$/,
  ],
  [
    'rule for an address: another’s comes before it',
    inOwnTable(
      'rule delete priority 8600 from 10.7.0.100',
      'rule add priority 8600 from 10.7.0.100 lookup main',
      'rule add priority 8600 from 10.7.0.100 lookup OWN proto 86',
    ),
    /^no rule priority 8600 from 10\.7\.0\.100\/32 lookup main proto unspec in the pod: is in the place of ours$/,
  ],
  [
    'protocol of a rule for an address',
    inOwnTable('rule delete priority 8600 from 10.7.0.100', 'rule add priority 8600 from 10.7.0.100 lookup OWN'),
    /^rule priority 8600 from 10\.7\.0\.100\/32 .* in the pod: missing; no rule .* proto unspec in the pod: is in the place of ours$/,
  ],
  [
    'table of a rule for an address',
    inPod('rule delete priority 8600 from 10.7.0.100', 'rule add priority 8600 from 10.7.0.100 lookup main proto 86'),
    /lookup 86\d\d in the pod: missing; no rule priority 8600 from 10\.7\.0\.100\/32 lookup main in the pod: is there$/,
  ],
  [
    'rule that the pod falls back to, which lets no default route count',
    inOwnTable('rule delete priority 32768', 'rule add priority 32768 lookup OWN suppress_prefixlength 0 proto 86'),
    /lookup 86\d\d in the pod: missing; no rule priority 32768 .* lookup 86\d\d suppress_prefixlength 0 in the pod: is there$/,
  ],
];

/** What an answer says went wrong. */
const failure = ({ status, stdout }: Answer): string | undefined => (status === 0 ? undefined : JSON.parse(stdout).msg);

describe.each([
  { attached: 1, rows: changes },
  { attached: 2, rows: changesOfSecond },
])('with $attached of two NICs attached', ({ attached, rows }) => {
  const ifName = nics[attached - 1]!;
  let stand: Stand;
  let before: object;
  const call = (command: string) => failure(stand.call(command, keysFor(stand, ifName), ifName));
  const states = () => ({ node: state(stand.node), pod: state(stand.pod) });
  beforeAll(() => {
    stand = standOf(`hand${attached}`);
    for (const [i, nic] of nics.slice(0, attached).entries()) {
      plug(stand, i);
      expect(failure(stand.call('ADD', keysFor(stand, nic), nic))).toBeUndefined();
    }
    before = states();
    expect(call('CHECK')).toBeUndefined();
  });
  afterAll(() => stand[Symbol.dispose]());

  test.each(rows)('CHECK names a changed %s, and ADD again puts it right', (_, change, named) => {
    change(stand);
    const found = call('CHECK');
    // Before anything is expected, so that the next row has the stand as it was.
    expect(call('ADD')).toBeUndefined();
    expect(found).toMatch(named);
    expect(call('CHECK')).toBeUndefined();
    expect(states()).toEqual(before);
  });
});

test('while the address of the pod end is made anew no route through it goes, be it another’s that nothing brings back', () => {
  using stand = standOf('hand-anew');
  plug(stand, 0);
  const call = (command: string) => failure(stand.call(command, keysFor(stand, 'eth0')));
  expect(call('ADD')).toBeUndefined();
  ip(stand.pod, ['route add 198.51.100.0/24 dev veth0']);
  readdress('169.254.1.2/32 scope global')(stand);
  expect(call('CHECK')).toContain('scope global');
  expect(call('ADD')).toBeUndefined();
  expect(call('CHECK')).toBeUndefined();
  expect(show(stand.pod, 'route', 'show', '198.51.100.0/24')).toHaveLength(1);
});
