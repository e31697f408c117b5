import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGateway, createHost, type Host, type Lan } from './lan.ts';
import { ip } from './namespace.ts';
import { type Flow, probe, serve } from './probe.ts';

const lan: Lan = {
  name: 'lan',
  ranges: {
    IPv4: { subnet: '10.0.0.0/24', gateway: '10.0.0.1', rangeStart: '10.0.0.100', rangeEnd: '10.0.0.199' },
    IPv6: { subnet: 'fd00::/64', gateway: 'fd00::1', rangeStart: 'fd00::100', rangeEnd: 'fd00::199' },
  },
};

let gateway: Host;
let host: Host;
let servers: Disposable;

beforeAll(async () => {
  gateway = createGateway('probe-gateway', [lan]);
  host = createHost('probe-host', gateway, lan, { IPv4: '10.0.0.2', IPv6: 'fd00::2' });
  servers = await serve([gateway, host]);
});

afterAll(() => servers[Symbol.dispose]());

async function verdict(flow: Flow) {
  return (await probe([flow])).get(flow);
}

it('finds nothing wrong with a flow that works', async () => {
  const there = { from: host, address: '10.0.0.1', server: 'probe-gateway', source: '10.0.0.2' };
  const back = { from: gateway, address: 'fd00::2', server: 'probe-host', source: 'fd00::1' };
  expect(await probe([there, back])).toEqual(
    new Map([
      [there, undefined],
      [back, undefined],
    ]),
  );
});

it('tells when nobody answers', async () => {
  expect(await verdict({ from: host, address: '10.0.0.3', server: 'nobody', source: '10.0.0.2' })).toBe('timed out');
});

it('tells when another than the expected server answers', async () => {
  const flow = { from: host, address: '10.0.0.2', server: 'probe-gateway', source: '10.0.0.2' };
  expect(await verdict(flow)).toBe('answered by probe-host');
});

it('tells when the server sees another source than the expected one', async () => {
  const flow = { from: host, address: 'fd00::1', server: 'probe-gateway', source: 'fd00::3' };
  expect(await verdict(flow)).toBe('comes from fd00::2');
});

it('reaches a port from an address that the connection is bound to', async () => {
  ip(host, ['address add 10.0.0.9/32 dev eth0']);
  const flow = { from: host, address: '10.0.0.1', server: 'probe-gateway', source: '10.0.0.9' };
  expect(await verdict({ ...flow, bind: '10.0.0.9' })).toBeUndefined();
  expect(await verdict({ ...flow, bind: '10.0.0.9', port: 81 })).toBe('ECONNREFUSED');
});
