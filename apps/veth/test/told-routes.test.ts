// What the plugins before veth tell of a later NIC's routes, and what of it did not get into main: another NIC had a route to
// the same place, or it was for another table.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ip, show } from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import { createStand, type Stand } from './stand.ts';

let stand: Stand;
/** The two NICs have their LANs, and eth0 the default routes. */
beforeAll(() => {
  stand = createStand('told', pod => ({
    node: ['eth0', 'net1'].flatMap((nic, i) => [
      `link add lan${i} up type veth peer name ${nic} netns ${pod}`,
      `address add 10.${6 + i}.0.10/16 dev lan${i}`,
      `address add fd00:10:${6 + i}::10/64 dev lan${i} nodad`,
    ]),
    pod: ['eth0', 'net1'].flatMap((nic, i) => [`link set ${nic} up`, ...addressesOf(nic, i)]),
  }));
  ip(stand.pod, ['route add default via 10.6.0.1 dev eth0', 'route add default via fd00:10:6::1 dev eth0']);
});
afterAll(() => stand[Symbol.dispose]());

function addressesOf(nic: string, i: number): string[] {
  return [`address add 10.${6 + i}.0.100/16 dev ${nic}`, `address add fd00:10:${6 + i}::100/64 dev ${nic} nodad`];
}

function call(command: string, more: object = {}): string | undefined {
  const prevResult = {
    cniVersion: '1.1.0',
    interfaces: [{ name: 'net1', sandbox: stand.pod.path }],
    ips: [
      { address: '10.7.0.100/16', gateway: '10.7.0.1', interface: 0 },
      { address: 'fd00:10:7::100/64', gateway: 'fd00:10:7::1', interface: 0 },
    ],
    routes: [
      { dst: '0.0.0.0/0', mtu: 1400, advmss: 1300 },
      { dst: '::/0' },
      { dst: '172.20.0.0/16', gw: '198.51.100.1', priority: 7 },
      { dst: '172.21.0.0/16', gw: '10.7.0.1', table: 100 },
      { dst: '172.22.0.0/16', gw: 'fd00:10:7::1' },
      { dst: 'fd00:10:244:0::/56', gw: 'fd00:10:7::1' },
    ],
  };
  const keys = { cniVersion: '1.1.0', cluster_cidr: ['10.244.0.0/16', 'fd00:10:244::/56'], prevResult, ...more };
  const { status, stdout } = stand.call(command, keys, 'net1');
  return status === 0 ? undefined : JSON.parse(stdout).msg;
}

test('what did not get into main is in the NIC’s table from its first ADD, and CHECK passes', () => {
  expect(stand.call('ADD', {}).status).toBe(0);
  expect(call('ADD')).toBeUndefined();
  expect(call('CHECK')).toBeUndefined();
  const table = String(8600 + show<{ ifindex: number }>(stand.pod, 'link', 'show', 'net1')[0]!.ifindex);
  const routes = (family: string) => show<{ dst: string }>(stand.pod, family, 'route', 'show', 'table', table);
  const found = new Map([...routes('-4'), ...routes('-6')].map(route => [route.dst, route]));
  expect(show(stand.pod, '-4', 'route', 'show', 'default', 'table', table)).toMatchObject([
    { gateway: '10.7.0.1', dev: 'net1', metrics: [{ mtu: 1400, advmss: 1300 }] },
  ]);
  expect(show(stand.pod, '-6', 'route', 'show', 'default', 'table', table)).toMatchObject([
    { gateway: 'fd00:10:7::1', dev: 'net1' },
  ]);
  // A gateway in none of the NIC's LANs is on the link.
  expect(found.get('172.20.0.0/16')).toMatchObject({ gateway: '198.51.100.1', metric: 7, flags: ['onlink'] });
  // Of what goes through the pair, is for another table, or has a gateway of the other family, the NIC gets none.
  expect(found.get('fd00:10:244::/56')).toMatchObject({ dev: 'veth0' });
  expect([...found.keys()].filter(dst => /^172\.2[12]/.test(dst))).toEqual([]);
});

test('ADD again changes nothing of it', () => {
  const before = state(stand.pod);
  expect(call('ADD')).toBeUndefined();
  expect(state(stand.pod)).toEqual(before);
});

test('where default_route names the NIC, main has its default routes from its first ADD, and the other has its own', () => {
  expect(call('DEL')).toBeUndefined();
  ip(stand.pod, ['address flush dev net1 scope global', ...addressesOf('net1', 1)]);
  const named = { default_route: 'net1' };
  expect(call('ADD', named)).toBeUndefined();
  expect(call('CHECK', named)).toBeUndefined();
  const way = (dst: string, from: string) => show(stand.pod, 'route', 'get', dst, 'from', from)[0];
  expect(show(stand.pod, '-4', 'route', 'show', 'default')).toMatchObject([
    { gateway: '10.7.0.1', dev: 'net1', metrics: [{ mtu: 1400, advmss: 1300 }] },
  ]);
  expect(show(stand.pod, '-6', 'route', 'show', 'default')).toMatchObject([{ gateway: 'fd00:10:7::1', dev: 'net1' }]);
  expect(way('192.0.2.1', '10.6.0.100')).toMatchObject({ gateway: '10.6.0.1', dev: 'eth0' });
  expect(way('2001:db8::1', 'fd00:10:6::100')).toMatchObject({ gateway: 'fd00:10:6::1', dev: 'eth0' });
  const before = state(stand.pod);
  expect(call('ADD', named)).toBeUndefined();
  expect(state(stand.pod)).toEqual(before);
});
