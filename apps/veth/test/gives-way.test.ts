// A NIC that gives main to one that `default_route` names, or that comes with the default route: what it has goes along, whatever
// the other puts into main, and comes back where nobody else would bring it.
import { expect, test } from 'vitest';
import { ip, run, show } from '../../../tools/lab/namespace.ts';
import { settle, state } from '../../../tools/lab/state.ts';
import { createStand, type Stand } from './stand.ts';

const cluster = { cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'] };

const overlayNic = [
  'link set eth0 up',
  'address add 10.244.3.5/32 dev eth0',
  'address add fd00:10:244:3::5/128 dev eth0 nodad',
  // Whatever is there: the gateways as Cilium does it, the default routes as the reference plugins do.
  'route replace 10.244.3.1 dev eth0',
  'route replace fd00:10:244:3::1 dev eth0',
  'route prepend default via 10.244.3.1 dev eth0',
  'route append ::/0 via fd00:10:244:3::1 dev eth0',
];

/** A node in two LANs, and a pod with an overlay's eth0 whose gateways are the node's own addresses. */
function standWithOverlay(name: string, inPod = overlayNic): Stand {
  return createStand(name, pod => ({
    node: [
      'link add gateway up type bridge',
      'address add 10.244.3.1/32 dev gateway',
      'address add fd00:10:244:3::1/128 dev gateway nodad',
      `link add lxc0 up type veth peer name eth0 netns ${pod}`,
      `link add lan0 up type veth peer name net1 netns ${pod}`,
      'address add 10.6.0.10/16 dev lan0',
      'address add fd00:10:6::10/64 dev lan0 nodad',
    ],
    pod: inPod,
  }));
}

function plugNet1({ pod }: Stand): void {
  ip(pod, [
    'link set net1 up',
    'address add 10.6.0.100/16 dev net1',
    'address add fd00:10:6::100/64 dev net1 nodad',
    'route append default via 10.6.0.1 dev net1',
    'route append ::/0 via fd00:10:6::1 dev net1',
  ]);
  settle(pod);
}

let count = 0;
const failure = ({ status, stdout }: { status: number | null; stdout: string }) =>
  status === 0 ? undefined : JSON.parse(stdout).msg;

test.each([
  ['at its first ADD', [{ ...cluster, default_route: 'net1' }]],
  ['later', [cluster, { ...cluster, default_route: 'net1' }]],
])('an overlay’s NIC keeps its gateway, which is an address of the node, where another is named %s', (_, all) => {
  using stand = standWithOverlay(`gives-way${count++}`);
  plugNet1(stand);
  for (const keys of all) {
    expect(failure(stand.call('ADD', keys, 'net1'))).toBeUndefined();
    expect(failure(stand.call('CHECK', keys, 'net1'))).toBeUndefined();
  }
  const way = (dst: string, from: string) => show(stand.pod, 'route', 'get', dst, 'from', from)[0];
  expect(way('192.0.2.1', '10.244.3.5')).toMatchObject({ dev: 'eth0', gateway: '10.244.3.1' });
  expect(way('fd00:99::1', 'fd00:10:244:3::5')).toMatchObject({ dev: 'eth0', gateway: 'fd00:10:244:3::1' });
  expect(way('10.244.3.1', '10.6.0.100')).toMatchObject({ dev: 'veth0' });
});

test('its routes are in main again when the last NIC of veth’s has gone, and nothing of ours is left', () => {
  using stand = standWithOverlay(`gives-way${count++}`);
  const { pod } = stand;
  const lasting = () => {
    const { routes, rules } = state(pod);
    return [...routes.filter(line => !/net1/.test(line)), ...rules];
  };
  const before = lasting();
  plugNet1(stand);
  const keys = { ...cluster, default_route: 'net1' };
  expect(failure(stand.call('ADD', keys, 'net1'))).toBeUndefined();
  expect(lasting()).not.toEqual(before);
  expect(failure(stand.call('DEL', keys, 'net1'))).toBeUndefined();
  ip(pod, ['link delete net1']);
  expect(lasting()).toEqual(before);
});

test('an overlay’s NIC that comes later, and that default_route names, has main as if it had come first', () => {
  const keys = { ...cluster, default_route: 'eth0', reply_path: {} };
  const lasting = ({ pod }: Stand) => {
    const { routes, rules } = state(pod);
    return [...routes.filter(line => !/fe80::[0-9a-f]+:|fe80::\/64|ff00::\/8/.test(line)), ...rules];
  };
  using later = standWithOverlay(`gives-way${count++}`, []);
  plugNet1(later);
  expect(failure(later.call('ADD', keys, 'net1'))).toBeUndefined();
  ip(later.pod, overlayNic);
  expect(failure(later.call('CHECK', keys, 'net1'))).toMatch(/rule priority 8600 from 10\.6\.0\.100\/32 .*: missing/);
  expect(failure(later.call('ADD', keys, 'net1'))).toBeUndefined();
  expect(failure(later.call('CHECK', keys, 'net1'))).toBeUndefined();
  using first = standWithOverlay(`gives-way${count++}`);
  plugNet1(first);
  expect(failure(first.call('ADD', keys, 'net1'))).toBeUndefined();
  expect(lasting(later)).toEqual(lasting(first));
});

const overlayInLan = [
  'link set eth0 up',
  'address add 10.244.3.5/24 dev eth0',
  'address add fd00:10:244:3::5/64 dev eth0 nodad',
  'route add default via 10.244.3.1 dev eth0',
  'route add ::/0 via fd00:10:244:3::1 dev eth0',
];

test('an overlay’s NIC that gave way has its rules from ADD again of the NIC that has main, and CHECK names each once', () => {
  using stand = standWithOverlay(`gives-way${count++}`, overlayInLan);
  const { pod } = stand;
  plugNet1(stand);
  const keys = { ...cluster, default_route: 'net1' };
  expect(failure(stand.call('ADD', keys, 'net1'))).toBeUndefined();
  expect(failure(stand.call('CHECK', keys, 'net1'))).toBeUndefined();
  const before = state(pod);
  const table = 8600 + show<{ ifindex: number }>(pod, 'link', 'show', 'eth0')[0]!.ifindex;
  const rulesOf = (own: string, nic: string, lan: string, all: string) => ({
    8600: `from ${own} lookup ${table}`,
    8601: `from ${nic} to ${lan} lookup main`,
    8602: `to ${lan} lookup ${table}`,
    32768: `from ${all} lookup ${table}`,
  });
  const rules = {
    '-4': rulesOf('10.244.3.5/32', '10.6.0.100/32', '10.244.3.0/24', '0.0.0.0/0'),
    '-6': rulesOf('fd00:10:244:3::5/128', 'fd00:10:6::100/128', 'fd00:10:244:3::/64', '::/0'),
  };
  for (const priorities of [['8601'], ['8600', '8601', '8602', '32768']]) {
    const missing = Object.entries(rules).flatMap(([family, texts]) =>
      Object.entries(texts)
        .filter(([priority]) => priorities.includes(priority))
        .map(([priority, text]) => ({ family, rule: `priority ${priority} ${text}` })),
    );
    for (const { family, rule } of missing)
      run(['ip', '-netns', pod.name, family, 'rule', 'delete', ...rule.split(' ')]);
    expect(
      failure(stand.call('CHECK', keys, 'net1'))
        ?.split('; ')
        .sort(),
    ).toEqual(missing.map(({ rule }) => `rule ${rule} in the pod: missing`).sort());
    expect(failure(stand.call('ADD', keys, 'net1'))).toBeUndefined();
    expect(failure(stand.call('CHECK', keys, 'net1'))).toBeUndefined();
    expect(state(pod)).toEqual(before);
  }
});

/** Two NICs in one LAN, of which the second alone has a default route. */
function standInOneLan(name: string): Stand {
  return createStand(name, pod => ({
    node: [
      `link add lan0 up type veth peer name eth0 netns ${pod}`,
      'address add 10.6.0.10/16 dev lan0',
      'address add fd00:10:6::10/64 dev lan0 nodad',
      `link add lan1 up type veth peer name net1 netns ${pod}`,
    ],
    pod: ['link set eth0 up', 'address add 10.6.0.100/16 dev eth0', 'address add fd00:10:6::100/64 dev eth0 nodad'],
  }));
}

test('in a LAN that both are in a reply leaves by the NIC that was asked, though the other came first', () => {
  using stand = standInOneLan(`gives-way${count++}`);
  expect(failure(stand.call('ADD', { ...cluster, mtu: 9000 }))).toBeUndefined();
  ip(stand.pod, [
    'link set net1 up',
    'address add 10.6.0.101/16 dev net1',
    'address add fd00:10:6::101/64 dev net1 nodad',
    'route add default via 10.6.0.1 dev net1',
    'route add default via fd00:10:6::1 dev net1',
  ]);
  expect(failure(stand.call('ADD', cluster, 'net1'))).toBeUndefined();
  const replies = ['10.6.0', 'fd00:10:6:'].flatMap(lan =>
    ['100', '101'].map(end => {
      const separator = lan.includes(':') ? ':' : '.';
      const [to, from] = [`${lan}${separator}20`, `${lan}${separator}${end}`];
      return show<{ dev: string }>(stand.pod, 'route', 'get', to, 'from', from)[0]!.dev;
    }),
  );
  expect(replies).toEqual(['eth0', 'net1', 'eth0', 'net1']);
  // Whose configuration has a greater MTU than its NIC keeps that too.
  expect(failure(stand.call('CHECK', { ...cluster, mtu: 9000 }))).toBeUndefined();
  expect(failure(stand.call('CHECK', cluster, 'net1'))).toBeUndefined();
  // What was put before it since goes behind it again.
  ip(stand.pod, [
    'route delete 10.6.0.0/16 dev net1',
    'route append 10.6.0.0/16 dev net1 proto kernel scope link src 10.6.0.101',
  ]);
  expect(failure(stand.call('CHECK', cluster, 'net1'))).toMatch(
    /^no route 10\.6\.0\.0\/16 dev eth0 .* in the pod: is in the place of ours$/,
  );
  expect(failure(stand.call('ADD', cluster, 'net1'))).toBeUndefined();
  expect(failure(stand.call('CHECK', cluster, 'net1'))).toBeUndefined();
});

test.each([
  ['has a route of its own to the same place, behind ours', 'dev eth0'],
  ['has a path of its own to the same place, which the kernel makes one route with ours', 'via fd00:10:6::7 dev eth0'],
])('what it leads through the pair it leads there still, though it %s', (_, path) => {
  using stand = standInOneLan(`gives-way${count++}`);
  const { pod } = stand;
  expect(failure(stand.call('ADD', cluster))).toBeUndefined();
  ip(pod, [
    `route append fd00:10:244::/56 ${path}`,
    'link set net1 up',
    'address add fd00:10:7::101/64 dev net1 nodad',
  ]);
  expect(failure(stand.call('ADD', { ...cluster, default_route: 'net1' }, 'net1'))).toBeUndefined();
  expect(failure(stand.call('CHECK', cluster))).toBeUndefined();
  expect(show(pod, 'route', 'get', 'fd00:10:244::1', 'from', 'fd00:10:6::100')).toMatchObject([{ dev: 'veth0' }]);
});

test('where its table is refused a route, main has not lost it', () => {
  using stand = standInOneLan(`gives-way${count++}`);
  const { pod } = stand;
  // The kernel takes no gateway as on one link that main has a route to by another (IPv6).
  ip(pod, [
    'address flush dev eth0 scope global',
    'address add fd00:30::100/128 dev eth0 nodad',
    'route add ::/0 via fd00:10:6::1 dev eth0 onlink',
    'link set net1 up',
    'address add fd00:31::101/128 dev net1 nodad',
    'route add fd00:10:6::1 dev net1',
  ]);
  expect(failure(stand.call('ADD', cluster))).toBeUndefined();
  const before = state(pod);
  expect(failure(stand.call('ADD', { ...cluster, default_route: 'net1' }, 'net1'))).toMatch(
    /^route ::\/0 via fd00:10:6::1 dev eth0 onlink .* in the pod: EINVAL/,
  );
  expect(state(pod)).toEqual(before);
  // A route to it by the link itself, before that of the other, is all that it takes.
  ip(pod, ['route add fd00:10:6::1 dev eth0 metric 1']);
  expect(failure(stand.call('ADD', { ...cluster, default_route: 'net1' }, 'net1'))).toBeUndefined();
  expect(show(pod, 'route', 'get', 'fd00:99::1', 'from', 'fd00:30::100')).toMatchObject([{ dev: 'eth0' }]);
  expect(failure(stand.call('CHECK', cluster))).toBeUndefined();
});
