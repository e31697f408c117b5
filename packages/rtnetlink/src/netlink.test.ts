import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { kernel, veth } from '../test/kernel.ts';
import { address, InvalidField, link, openSocket, type Request, Rtnetlink, route, type Transport } from './index.ts';

const [oif] = veth('batch0', 'batch1');

/** A socket that counts its sends and the acknowledgements requested. */
function counting() {
  const counted = { sends: 0, acknowledged: 0, received: 0, largest: 0 };
  const socket = openSocket();
  const transport: Transport = {
    ...socket,
    send(bytes) {
      counted.sends++;
      counted.largest = Math.max(counted.largest, bytes.length);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at < bytes.length; at += (view.getUint32(at, true) + 3) & ~3)
        if (view.getUint16(at + 6, true) & 0x4) counted.acknowledged++;
      socket.send(bytes);
    },
    receive(bytes) {
      const length = socket.receive(bytes);
      counted.received++;
      return length;
    },
  };
  return { nl: Rtnetlink.open(transport), counted };
}

const routes = (count: number, octet: number): { dst: string; oif: number }[] =>
  Array.from({ length: count }, (_, i) => ({ dst: `10.${octet}.${i >> 8}.${i & 255}/32`, oif }));
const installed = (octet: number) =>
  kernel.execute(route.list({ oif })).filter(({ dst }) => dst!.startsWith(`10.${octet}.`)).length;

test('a batch is one send, and only its last change is acknowledged', () => {
  const { nl, counted } = counting();
  nl.batch(routes(100, 1).map(route.add));
  expect(counted).toMatchObject({ sends: 1, acknowledged: 1, received: 1 });
  expect(installed(1)).toBe(100);
});

test('a thousand changes are so many sends as keep every answer', () => {
  const { nl, counted } = counting();
  nl.batch(routes(1000, 2).map(route.add));
  expect(counted).toMatchObject({ sends: 6, acknowledged: 6, received: 6 });
  expect(installed(2)).toBe(1000);
});

test('a thousand changes that all fail are a thousand errors', () => {
  const outcomes = kernel.settle(routes(1000, 3).map(route.delete));
  expect(outcomes.map(({ error }) => error && 'code' in error && error.code)).toEqual(Array(1000).fill('ESRCH'));
});

test('as many gets as one likes are all answered', () => {
  kernel.execute(link.set({ index: oif, alias: 'x'.repeat(250) }));
  const found = kernel.batch(Array.from({ length: 300 }, () => link.get({ index: oif })));
  expect(found.map(one => one?.index)).toEqual(Array(300).fill(oif));
});

test('the changes after one that fails are made, and their places tell which failed', () => {
  const [first, bad, last] = kernel.settle([
    route.add({ dst: '10.4.0.0/32', oif }),
    route.add({ dst: '10.4.0.1/32', oif: 4711 }),
    route.add({ dst: '10.4.0.2/32', oif }),
  ]);
  expect(first).toEqual({ value: undefined });
  expect(bad.error).toMatchObject({ code: 'ENODEV', operation: 'route.add', object: { dst: '10.4.0.1/32' } });
  expect(last).toEqual({ value: undefined });
  expect(installed(4)).toBe(2);
});

test('a batch throws the first failure when all were tried', () => {
  const requests = [
    route.add({ dst: '10.5.0.0/32', oif: 4711 }),
    route.add({ dst: '10.5.0.1/24', oif }),
    route.add({ dst: '10.5.0.2/32', oif }),
  ];
  expect(() => kernel.batch(requests)).toThrow(
    'route.add {table: 254, protocol: static, scope: link, type: unicast, dst: 10.5.0.0/32',
  );
  expect(installed(5)).toBe(1);
});

const middleFails = (octet: number) =>
  [
    route.add({ dst: `10.${octet}.0.0/32`, oif }),
    route.add({ dst: `10.${octet}.0.1/32`, oif: 4711 }),
    route.add({ dst: `10.${octet}.0.2/32`, oif }),
    link.get({ index: oif }),
  ] as const;

test('a batch that stops at a failure leaves what is behind it undone, and each result says so', () => {
  const [first, bad, ...untried] = kernel.settle(middleFails(11), { onError: 'stop' });
  expect(first).toEqual({ value: undefined });
  expect(bad.error).toMatchObject({ code: 'ENODEV' });
  for (const { error } of untried) expect(error).toMatchObject({ code: 'ECANCELED' });
  expect(untried[1].error?.message).toMatch(
    /^link\.get .*; not tried, for route\.add, request 2 of the batch, failed$/,
  );
  expect(installed(11)).toBe(1);
});

test('a batch that stops at a failure throws that one', () => {
  expect(() => kernel.batch(middleFails(12), { onError: 'stop' })).toThrow(/^route\.add .*10\.12\.0\.1.*ENODEV/);
  expect(installed(12)).toBe(1);
});

test('a batch that would stop at a failure and meets none is done in full', () => {
  const results = kernel.batch([...routes(300, 13).map(route.add), link.get({ index: oif })], { onError: 'stop' });
  expect(results.at(-1)).toMatchObject({ name: 'batch0' });
  expect(installed(13)).toBe(300);
});

test('a value that does not fit changes nothing in a batch that stops at a failure either', () => {
  const requests = [route.add({ dst: '10.14.0.0/32', oif }), route.add({ dst: 'nonsense', oif })];
  expect(() => kernel.settle(requests, { onError: 'stop' })).toThrow('route.add dst: not an IP address: "nonsense"');
  expect(installed(14)).toBe(0);
});

test('the last change of a batch tells its failure too', () => {
  const outcomes = kernel.settle([route.add({ dst: '10.6.0.0/32', oif }), route.add({ dst: '10.6.0.0/32', oif })]);
  expect(outcomes.map(({ error }) => error?.message)).toEqual([undefined, expect.stringContaining('EEXIST')]);
});

test('a batch mixes changes, gets and lists, and each result has its type', () => {
  const { nl, counted } = counting();
  const [nothing, found, addresses, missing] = nl.batch([
    address.add({ index: oif, address: '192.0.2.1/24' }),
    link.get({ index: oif }),
    address.list({ index: oif, family: 'inet' }),
    link.get({ name: 'nothing' }),
  ]);
  expect(nothing).toBeUndefined();
  expect(found?.name).toBe('batch0');
  expect(addresses.map(one => one.address)).toEqual(['192.0.2.1/24']);
  expect(missing).toBeUndefined();
  expect(counted.sends).toBe(1);
});

test('a list tells what was there when its turn came', () => {
  // The list is so long that the kernel has not finished it when it reads the next request of the batch.
  kernel.batch(routes(3000, 8).map(route.add));
  // The kernel adds IPv6 routes of a new link by itself.
  const list = route.list({ oif, family: 'inet' });
  const [before] = kernel.batch([list, ...routes(5, 7).map(route.add)]);
  expect(before.length).toBe(kernel.execute(list).length - 5);
});

test('two lists in a batch are both complete', () => {
  const [links, addresses] = kernel.batch([link.list(), address.list()]);
  expect(links).toEqual(kernel.execute(link.list()));
  expect(addresses).toEqual(kernel.execute(address.list()));
});

test('an empty batch sends nothing', () => {
  const { nl, counted } = counting();
  expect(nl.batch([])).toEqual([]);
  expect(counted.sends).toBe(0);
});

test('a value that does not fit changes nothing, wherever in the batch it is', () => {
  const { nl, counted } = counting();
  const requests: Request<void>[] = routes(500, 9).map(route.add);
  requests.push(route.add({ dst: 'nonsense', oif }));
  expect(() => nl.batch(requests)).toThrow('route.add dst: not an IP address: "nonsense"');
  expect(counted.sends).toBe(0);
  expect(installed(9)).toBe(0);
});

test('a value that does not fit is told with operation and field, in an object as in a filter', () => {
  const mtu = { name: 'x', info: { kind: 'veth', data: { peer: { mtu: -1 } } } } as const;
  for (const [request, path] of [
    [link.add(mtu), 'info.data.peer.mtu'],
    [link.add({ name: 'x', vfs: [{ vf: 0 }, { vf: 1, rate: { min: 0, max: -1 } }] }), 'vfs.1.rate.max'],
    [route.list({ gateway: 'nowhere' }), 'gateway'],
    [route.add({ dst: '192.0.2.0/24', nexthops: [{ oif }, { oif, hops: 256 }] }), 'nexthops.1.hops'],
  ] as const) {
    const { operation } = request;
    const refused = expect.objectContaining({
      operation,
      path,
      message: expect.stringContaining(`${operation} ${path}: `),
    });
    expect(() => kernel.execute(request as Request<unknown>)).toThrow(refused);
    expect(() => kernel.execute(request as Request<unknown>)).toThrow(InvalidField);
  }
});

test('what is no request, or no list of them, is refused, and the socket serves on', () => {
  const nl = Rtnetlink.open();
  expect(() => nl.execute(link.list as never)).toThrow('function is no request, such as link.list() makes');
  expect(() => nl.batch([undefined] as never)).toThrow('undefined is no request');
  expect(() => nl.batch(link.list() as never)).toThrow('an object is no list of requests');
  expect(nl.execute(link.get({ index: 1 }))?.name).toBe('lo');
  nl.close();
});

test('a list that the kernel refuses is told with its filter', () =>
  expect(() => kernel.execute(link.list({ targetNetnsid: 99, name: 'lo' }))).toThrow(
    /^link\.list \{targetNetnsid: 99, name: lo\}: EINVAL/,
  ));

test('a send has up to 64 KiB, be they ever so few requests', () => {
  const { nl, counted } = counting();
  const large = link.set({ index: oif, info: { kind: 'none', rawData: new Uint8Array(16_000) } });
  nl.settle(Array(20).fill(large));
  expect(counted).toMatchObject({ sends: 5, largest: 4 * (16 + 16 + 4 + 8 + 4 + 16_000) });
});

test('a long list comes in full', () => {
  const before = kernel.execute(route.list({ oif, family: 'inet' })).length;
  kernel.batch(routes(5000, 10).map(route.add));
  expect(kernel.execute(route.list({ oif, family: 'inet' })).length).toBe(before + 5000);
});

test('a batch may be longer than one send can be', () => {
  const alias = 'x'.repeat(254);
  const outcomes = kernel.settle(Array.from({ length: 600 }, () => link.set({ index: oif, alias })));
  expect(outcomes.every(({ error }) => error === undefined)).toBe(true);
});

test('a list may begin with an object that is larger than what the kernel makes room for at first', () => {
  const [near] = veth('large0', 'large1');
  kernel.execute(address.add({ index: near, address: '10.77.0.1/16' }));
  const nexthops = Array.from({ length: 400 }, (_, i) => ({ oif: near, gateway: `10.77.${1 + (i >> 8)}.${i & 255}` }));
  kernel.execute(route.add({ dst: '198.18.0.0/15', table: 77, nexthops }));
  const list = route.list({ table: 77 });
  const counts = [
    (fresh: Rtnetlink) => fresh.execute(list).map(({ nexthops }) => nexthops?.length),
    (fresh: Rtnetlink) => Array.from(fresh.iterate(list), ({ nexthops }) => nexthops?.length),
  ];
  for (const count of counts) {
    using fresh = Rtnetlink.open();
    expect(count(fresh)).toEqual([400]);
  }
});

test('iterating gives what listing gives', () => {
  const iterated = [...kernel.iterate(route.list({ oif, family: 'inet' }))].length;
  const objects = [];
  for (const view of kernel.iterate(route.list({ oif, family: 'inet' }))) objects.push(view.toObject());
  expect(objects).toEqual(kernel.execute(route.list({ oif, family: 'inet' })));
  expect(objects.length).toBe(iterated);
});

test('what is iterated shows itself on a console', () => {
  for (const view of kernel.iterate(link.list({ name: 'lo' }))) expect(inspect(view)).toBe(inspect(view.toObject()));
});

test('iterating may end early, and the socket serves on', () => {
  for (const view of kernel.iterate(route.list({ oif }))) {
    expect(view.oif).toBe(oif);
    break;
  }
  expect(kernel.execute(link.get({ index: oif }))?.name).toBe('batch0');
  expect(() => {
    for (const _ of kernel.iterate(route.list({ oif }))) throw new Error('enough');
  }).toThrow('enough');
  expect(kernel.execute(link.list()).length).toBeGreaterThan(1);
});

test('a socket that iterates serves nothing else until the end', () => {
  for (const _ of kernel.iterate(link.list()))
    expect(() => kernel.execute(link.get({ index: 1 }))).toThrow('link.list is being iterated on this socket');
  expect(kernel.execute(link.get({ index: 1 }))?.name).toBe('lo');
});

test('a list that the kernel refuses throws, iterated or not', () => {
  const request = link.list({ targetNetnsid: 99 });
  expect(() => kernel.execute(request)).toThrow('Invalid target network namespace id');
  expect(() => [...kernel.iterate(request)]).toThrow('Invalid target network namespace id');
  expect(kernel.execute(link.get({ index: 1 }))?.name).toBe('lo');
});

test('a socket that is closed is used no more, and may be closed again', () => {
  const nl = Rtnetlink.open();
  nl.close();
  nl.close();
  expect(() => nl.execute(link.list())).toThrow('EBADF');
});

test('a socket is closed at the end of its block', () => {
  let kept: Rtnetlink;
  {
    using nl = Rtnetlink.open();
    kept = nl;
    expect(nl.execute(link.get({ index: 1 }))?.name).toBe('lo');
  }
  expect(() => kept.execute(link.list())).toThrow('EBADF');
});
