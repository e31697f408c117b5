// Uses connections over the loopback interface of this namespace, which nf_tables translates.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { link, Rtnetlink, route } from '@spider/rtnetlink';
import { beforeAll, expect, test } from 'vitest';
import { conntrack, conntrackStatus } from '../src/index.ts';
import { kernel, load } from './kernel.ts';

const services = { ip: '127.0.0.9', ip6: 'fd00::9' } as const;
const ports = { ip: 0, ip6: 0 };
let port = 0;

beforeAll(async () => {
  using nl = Rtnetlink.open();
  nl.batch([link.set({ index: 1, up: true }), route.add({ dst: `${services.ip6}/128`, oif: 1 })]);
  const server = createServer().listen(0, '::');
  server.unref();
  await once(server, 'listening');
  port = (server.address() as { port: number }).port;
  load(`table inet demo {
    chain out {
      type nat hook output priority -100
      ct mark set 0x30
      ip daddr 127.0.0.9 tcp dport 80 dnat ip to 127.0.0.1:${port}
      ip6 daddr fd00::9 tcp dport 80 dnat ip6 to [::1]:${port}
    }
  }`);
  for (const family of ['ip', 'ip6'] as const) {
    const connection = createConnection({ host: services[family], port: 80 });
    await once(connection, 'connect');
    ports[family] = connection.localPort!;
    connection.unref();
  }
});

test.each([
  ['ip', '127.0.0.1'],
  ['ip6', '::1'],
] as const)('a translated connection of the family %s is told from both its sides', (family, home) => {
  const dst = services[family];
  const [found, ...others] = kernel.execute(conntrack.list({ family, original: { ip: { dst } } }));
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    family,
    original: { ip: { src: home, dst }, proto: { number: 'tcp', sport: ports[family], dport: 80 } },
    reply: { ip: { src: home, dst: home }, proto: { number: 'tcp', sport: port, dport: ports[family] } },
    mark: 0x30,
  });
  const { dstNat, srcNat, seenReply } = conntrackStatus;
  expect(found!.status! & (dstNat | srcNat | seenReply)).toBe(dstNat | seenReply);
  expect(kernel.execute(conntrack.get({ family, original: found!.original }))).toMatchObject({ id: found!.id });
});

test('the kernel lists those with a mark', () => {
  expect(kernel.execute(conntrack.list({ mark: 0x10, markMask: 0x1f }))).not.toEqual([]);
  expect(kernel.execute(conntrack.list({ mark: 0x10, markMask: 0x3f }))).toEqual([]);
});

test('a connection is told with its zone', async () => {
  load('table ip zones { chain out { type filter hook output priority raw; ip daddr 127.0.0.8 ct zone set 7; }\n}');
  const socket = createSocket('udp4');
  await new Promise(sent => socket.send('', 9, '127.0.0.8', sent));
  socket.close();
  const [found] = kernel.execute(conntrack.list({ family: 'ip', original: { ip: { dst: '127.0.0.8' } } }));
  expect(found).toMatchObject({ zone: 7, original: { proto: { number: 'udp', dport: 9 } } });
});

test('a connection can be forgotten, and one that is not known is nothing', () => {
  const of = { family: 'ip', original: { ip: { dst: services.ip } } } as const;
  const { family, original } = kernel.execute(conntrack.list(of))[0]!;
  kernel.execute(conntrack.delete({ family, original }));
  expect(kernel.execute(conntrack.list(of))).toEqual([]);
  expect(kernel.execute(conntrack.get({ family, original }))).toBeUndefined();
});
