// Faults between a kernel and its client, injected by a fake kernel.
import { LinuxError } from '@spider/libc';
import { describe, expect, test } from 'vitest';
import { EMSGSIZE, ENOBUFS } from './errno.ts';
import { DumpInterruptedError, fdb, link, NetlinkError, neighbour, type Route, Rtnetlink, route } from './index.ts';
import { linkMessage } from './link/link.ts';
import { NLM_F_DUMP_FILTERED, NLM_F_DUMP_INTR } from './protocol.ts';
import { routeMessage } from './route/route.ts';
import { type Answer, fakeKernel, type Handler } from './testing/fake-kernel.ts';
import { datagram, done, error, object, type Sent } from './testing/reply.ts';

const eth0 = { index: 2, name: 'eth0' };
const ENOENT = 2;

/** A client of a kernel that answers all but one kind of request correctly. */
function clientOf(operation: string, handler: Handler): Rtnetlink {
  return Rtnetlink.open(fakeKernel({ 'link.get': () => [eth0], 'link.set': () => undefined, [operation]: handler }));
}

/** Answers with each of these in turn. */
function inTurn(...answers: ((sent: Sent) => Answer)[]): Handler {
  return (_, sent) => answers.shift()!(sent);
}

function failure(action: () => unknown): NetlinkError {
  try {
    action();
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('a list that changes while it is read', () => {
  const partial = () => ({ interrupted: [eth0] });

  test('is read again', () => {
    const nl = clientOf(
      'link.list',
      inTurn(partial, partial, () => [eth0, { index: 3, name: 'eth1' }]),
    );
    expect(nl.execute(link.list()).map(({ name }) => name)).toEqual(['eth0', 'eth1']);
  });

  test('is read ten times, then the error has what came last', () => {
    let times = 0;
    const nl = clientOf('link.list', () => {
      times++;
      return { interrupted: [{ index: times }] };
    });
    const [outcome] = nl.settle([link.list()]);
    expect(times).toBe(10);
    expect(outcome.error).toBeInstanceOf(DumpInterruptedError);
    expect(outcome.error).toMatchObject({ operation: 'link.list', partial: [{ index: 10 }] });
    expect(() => nl.execute(link.list())).toThrow('link.list {}: interrupted by changes');
  });

  test('is noticed where only the end tells, as with an empty one', () => {
    const only = (sent: Sent) => ({ datagrams: [done(sent, 0, {}, { flags: NLM_F_DUMP_INTR })] });
    const nl = clientOf(
      'link.list',
      inTurn(only, () => [eth0]),
    );
    expect(nl.execute(link.list())).toHaveLength(1);
  });

  test('is told at the end of an iteration', () => {
    const nl = clientOf('link.list', partial);
    const seen: unknown[] = [];
    expect(() => {
      for (const view of nl.iterate(link.list())) seen.push(view.name);
    }).toThrow(DumpInterruptedError);
    expect(seen).toEqual(['eth0']);
    expect(nl.execute(link.get({ index: 2 }))).toMatchObject(eth0);
  });

  test('does not spoil its neighbours in a batch', () => {
    const nl = clientOf(
      'link.list',
      inTurn(partial, () => [eth0]),
    );
    const [first, links, last] = nl.batch([link.get({ index: 2 }), link.list(), link.get({ index: 2 })]);
    expect([first, ...links, last]).toMatchObject([eth0, eth0, eth0]);
  });
});

describe('the end of a list', () => {
  const ends = (sent: Sent) => ({ datagrams: [done(sent, ENOENT, { message: 'ipv4: FIB table does not exist' })] });

  test('may be an error, with the words of the kernel', () =>
    expect(failure(() => clientOf('route.list', inTurn(ends)).execute(route.list({ table: 9 })))).toMatchObject({
      code: 'ENOENT',
      kernelMessage: 'ipv4: FIB table does not exist',
    }));

  test('may be an error when iterated', () =>
    expect(failure(() => [...clientOf('route.list', inTurn(ends)).iterate(route.list({ table: 9 }))]).code).toBe(
      'ENOENT',
    ));

  test('may come without a number', () => {
    const bare = (sent: Sent) => ({ datagrams: [done(sent).slice(0, 16)] });
    const nl = clientOf('link.list', (_, sent) => {
      const [bytes] = bare(sent).datagrams;
      new DataView(bytes!.buffer).setUint32(0, 16, true);
      return { datagrams: [bytes!] };
    });
    expect(nl.execute(link.list())).toEqual([]);
  });

  test('may be an NLMSG_ERROR', () => {
    const nl = clientOf('link.list', () => ({ errno: ENOENT }));
    expect(failure(() => nl.execute(link.list())).code).toBe('ENOENT');
  });
});

describe('a refusal', () => {
  const refused = (reason: object) =>
    failure(() =>
      clientOf('link.set', () => ({ errno: 22, ...reason })).execute(link.set({ index: 2, mtu: 9, alias: 'x' })),
    );

  test('tells number, operation and object', () =>
    expect(refused({})).toMatchObject({
      name: 'NetlinkError',
      code: 'EINVAL',
      errno: 22,
      operation: 'link.set',
      object: { index: 2, mtu: 9, alias: 'x' },
      kernelMessage: undefined,
      field: undefined,
      message: 'link.set {index: 2, mtu: 9, alias: x}: EINVAL (Invalid argument)',
    }));

  // nlmsghdr 16, ifinfomsg 16, then mtu, then alias.
  test.each([false, true])('names the field at an offset (request repeated whole: %s)', uncapped =>
    expect(refused({ message: 'too small', offset: 32, uncapped })).toMatchObject({
      kernelMessage: 'too small',
      field: 'mtu',
    }),
  );

  test('names a field of the header', () => expect(refused({ offset: 16 + 4 }).field).toBe('index'));
  test('names no field where the offset is nowhere', () => expect(refused({ offset: 4000 }).field).toBeUndefined());

  test('is told without an explanation where the repeated request would reach beyond its end', () => {
    const nl = clientOf('link.set', (_, sent) => {
      const bytes = error(sent, 22, { message: 'too small', uncapped: true });
      // The length of the repeated request is behind the header and the number.
      new DataView(bytes.buffer).setUint32(20, 4000, true);
      return { datagrams: [bytes] };
    });
    const told = failure(() => nl.execute(link.set({ index: 2 })));
    expect(told).toMatchObject({ code: 'EINVAL', kernelMessage: undefined });
  });

  test('names a field that is missing', () =>
    expect(refused({ missing: 3 })).toMatchObject({
      field: 'name',
      wanted: 'missing',
      message: 'link.set {index: 2, mtu: 9, alias: x}: EINVAL (Invalid argument); at name: missing',
    }));

  test('names a field that is missing in another', () => {
    const info = { kind: 'vxlan', data: { ttl: 1 } } as const;
    // nlmsghdr 16, ifinfomsg 16; info at 32; kind at 36, 4 + 6 + 2 bytes; data at 48.
    const nl = clientOf('link.set', () => ({ errno: 22, missing: 1, missingIn: 48 }));
    expect(failure(() => nl.execute(link.set({ index: 2, info }))).field).toBe('info.data.id');
  });

  test('names a missing field that is unknown here by its number', () =>
    expect(refused({ missing: 999 }).field).toBe('attribute 999'));
});

test.each([
  ['ENOENT', 2],
  ['ESRCH', 3],
  ['ENODEV', 19],
  ['ENETUNREACH', 101],
])('a get that is refused with %s has no object', (_, errno) => {
  expect(clientOf('link.get', () => ({ errno })).execute(link.get({ index: 2 }))).toBeUndefined();
});

describe('a list whose first object is larger than the kernel makes room for', () => {
  test('is asked for once more', () => {
    const tooLarge = (sent: Sent) => ({ datagrams: [done(sent, EMSGSIZE)] });
    const whole = (sent: Sent) => ({ datagrams: [object(sent, linkMessage, eth0), done(sent)] });
    expect(clientOf('link.list', inTurn(tooLarge, whole)).execute(link.list())).toMatchObject([eth0]);
    const views = clientOf('link.list', inTurn(tooLarge, whole)).iterate(link.list());
    expect([...views].map(view => view.toObject())).toMatchObject([eth0]);
    expect(failure(() => clientOf('link.list', inTurn(tooLarge, tooLarge)).execute(link.list())).code).toBe('EMSGSIZE');
    expect(failure(() => [...clientOf('link.list', inTurn(tooLarge, tooLarge)).iterate(link.list())]).code).toBe(
      'EMSGSIZE',
    );
  });

  test('tells no object twice', () => {
    const broken = (sent: Sent) => ({ datagrams: [object(sent, linkMessage, eth0), done(sent, EMSGSIZE)] });
    const names: unknown[] = [];
    const iterate = () => {
      for (const { name } of clientOf('link.list', inTurn(broken, broken)).iterate(link.list())) names.push(name);
    };
    expect(failure(iterate).code).toBe('EMSGSIZE');
    expect(names).toEqual(['eth0']);
  });
});

describe('an answer to nobody', () => {
  test('is passed over', () => {
    const nl = clientOf('link.list', (_, sent) => ({
      datagrams: [
        error(sent, 22, {}, { sequence: 4_000_000_000 }),
        datagram(
          object(sent, linkMessage, { name: 'foreign' }, { sequence: 0 }),
          object(sent, linkMessage, eth0),
          done(sent, 0, {}, { sequence: sent.sequence + 1 }),
          done(sent),
        ),
      ],
    }));
    expect(nl.execute(link.list()).map(({ name }) => name)).toEqual(['eth0']);
    expect([...nl.iterate(link.list())]).toHaveLength(1);
  });

  test('that is netlink’s own is passed over', () => {
    const noop = (sent: Sent) => {
      const bytes = done(sent);
      new DataView(bytes.buffer).setUint16(4, 1, true);
      return bytes;
    };
    const nl = clientOf('link.list', (_, sent) => ({
      datagrams: [noop(sent), datagram(object(sent, linkMessage, eth0), done(sent))],
    }));
    expect(nl.execute(link.list())).toHaveLength(1);
    expect([...nl.iterate(link.list())]).toHaveLength(1);
  });
});

describe('a lost answer', () => {
  test('is EAGAIN where nothing came', () => {
    const nl = clientOf('link.set', () => ({ datagrams: [] }));
    expect(failure(() => nl.execute(link.set({ index: 2 })))).toMatchObject({
      code: 'EAGAIN',
      message: expect.stringMatching(/the kernel sent no answer$/),
    });
  });

  test('is EAGAIN where a list has no end', () => {
    const nl = clientOf('link.list', (_, sent) => ({ datagrams: [object(sent, linkMessage, eth0)] }));
    expect(failure(() => nl.execute(link.list())).code).toBe('EAGAIN');
    expect(failure(() => [...nl.iterate(link.list())]).code).toBe('EAGAIN');
  });

  test('is ENOBUFS where too many came, and the rest is thrown away', () => {
    const lost = (_: unknown, sent: Sent) => ({
      datagrams: [new LinuxError('recv', ENOBUFS), object(sent, linkMessage, eth0), done(sent)],
    });
    const nl = clientOf('link.list', lost);
    expect(failure(() => nl.execute(link.list()))).toMatchObject({
      code: 'ENOBUFS',
      message: expect.stringMatching(/answers were lost$/),
    });
    expect(failure(() => [...nl.iterate(link.list())]).code).toBe('ENOBUFS');
    expect(nl.execute(link.get({ index: 2 }))).toMatchObject(eth0);
  });

  test('names the first request without an answer', () => {
    const nl = clientOf('link.list', () => ({ datagrams: [] }));
    expect(failure(() => nl.settle([link.get({ index: 2 }), link.list(), link.get({ index: 2 })])).operation).toBe(
      'link.list',
    );
  });
});

test('a send that is larger than its buffer may be is told so', () => {
  const small = fakeKernel({});
  const send = () => {
    throw new LinuxError('send', EMSGSIZE);
  };
  expect(failure(() => Rtnetlink.open({ ...small, send }).execute(link.set({ index: 2 })))).toMatchObject({
    code: 'EMSGSIZE',
    message: expect.stringMatching(/sysctl net\.core\.wmem_max$/),
  });
});

describe('a malformed datagram', () => {
  const spoilt: [string, (sent: Sent) => Uint8Array][] = [
    ['is empty', () => new Uint8Array(0)],
    ['is shorter than a header', () => new Uint8Array(15)],
    ['has a message of no length', () => new Uint8Array(64)],
    ['has a message that reaches beyond it', sent => done(sent).slice(0, 18)],
    ['ends within the second header', sent => new Uint8Array([...object(sent, linkMessage, eth0), 1, 2, 3])],
    [
      'has an object shorter than its header',
      sent => {
        const bytes = object(sent, linkMessage, eth0).slice(0, 24);
        new DataView(bytes.buffer).setUint32(0, 24, true);
        return bytes;
      },
    ],
  ];

  test.each(spoilt)('that %s is EBADMSG, and does not poison the next request', (_, spoil) => {
    const nl = clientOf('link.list', (_, sent) => ({
      datagrams: [spoil(sent), object(sent, linkMessage, eth0), done(sent)],
    }));
    expect(failure(() => nl.execute(link.list())).code).toBe('EBADMSG');
    expect(nl.execute(link.get({ index: 2 }))).toMatchObject(eth0);
    expect(failure(() => [...nl.iterate(link.list())]).code).toBe('EBADMSG');
    expect(nl.execute(link.get({ index: 2 }))).toMatchObject(eth0);
  });

  test('may lack the padding of its last message', () => {
    const odd = { index: 2, name: 'eth' };
    const nl = clientOf('link.list', (_, sent) => {
      const last = object(sent, linkMessage, odd);
      return { datagrams: [last.slice(0, new DataView(last.buffer).getUint32(0, true)), done(sent)] };
    });
    expect(nl.execute(link.list())).toMatchObject([odd]);
  });
});

describe('a datagram longer than the buffer', () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({ index: i + 1, name: `eth${i}` }));

  test('is read in full', () => {
    const nl = clientOf('link.list', () => many);
    expect(nl.execute(link.list()).map(({ index }) => index)).toEqual(many.map(({ index }) => index));
  });

  test('is thrown away in full', () => {
    const nl = clientOf('link.list', (_, sent) => ({
      datagrams: [new Uint8Array(3), datagram(...many.map(one => object(sent, linkMessage, one))), done(sent)],
    }));
    expect(failure(() => nl.execute(link.list())).code).toBe('EBADMSG');
    expect(nl.execute(link.get({ index: 2 }))).toMatchObject(eth0);
  });
});

describe('a list that the kernel did not filter', () => {
  const routes: Partial<Route>[] = [
    { family: 'inet', dst: '10.0.0.0/8', oif: 2, table: 254 },
    { family: 'inet', dst: '10.1.0.0/16', oif: 3, table: 254 },
    { family: 'inet6', dst: '2001:db8::/32', oif: 2, table: 254 },
  ];
  const nl = clientOf('route.list', () => routes);
  const dsts = (found: Iterable<Route>) => [...found].map(({ dst }) => dst);

  test('is filtered here', () => {
    expect(dsts(nl.execute(route.list({ oif: 2 })))).toEqual(['10.0.0.0/8', '2001:db8::/32']);
    expect(dsts(nl.execute(route.list({ oif: 2, family: 'inet' })))).toEqual(['10.0.0.0/8']);
    expect(dsts(nl.execute(route.list()))).toHaveLength(3);
  });

  test('is filtered here when iterated', () => {
    const seen = [];
    for (const view of nl.iterate(route.list({ oif: 2 }))) seen.push(view.dst);
    expect(seen).toEqual(['10.0.0.0/8', '2001:db8::/32']);
  });

  test('is held against the filter as the kernel would tell it', () =>
    expect(dsts(nl.execute(route.list({ family: 2, type: undefined })))).toEqual(['10.0.0.0/8', '10.1.0.0/16']));

  test('is held against what is nested in the filter', () => {
    const kinds = clientOf('link.list', () => [
      { index: 2, info: { kind: 'veth' } },
      { index: 3, info: { kind: 'bridge' } },
      { index: 4 },
    ]);
    expect(kinds.execute(link.list({ info: { kind: 'veth' } })).map(({ index }) => index)).toEqual([2]);
  });

  test('is taken as it is where the kernel says that it filtered', () => {
    const trusted = clientOf('route.list', (_, sent) => ({
      datagrams: [...routes.map(one => object(sent, routeMessage, one, { flags: NLM_F_DUMP_FILTERED })), done(sent)],
    }));
    expect(dsts(trusted.execute(route.list({ oif: 9 })))).toHaveLength(3);
    expect([...trusted.iterate(route.list({ oif: 9 }))]).toHaveLength(3);
  });
});

test('requests are numbered one after another', () => {
  const seen: number[] = [];
  const nl = clientOf('link.get', (_, sent) => {
    seen.push(sent.sequence);
    return [eth0];
  });
  nl.batch([link.get({ index: 2 }), link.get({ index: 2 })]);
  nl.execute(link.get({ index: 2 }));
  expect(seen).toEqual([1, 2, 3]);
  // The next one, which has 32 bits, is not 0: the kernel uses that for notifications.
  Object.assign(nl, { sequence: 0xffff_ffff });
  nl.batch([link.get({ index: 2 }), link.get({ index: 2 })]);
  expect(seen.slice(3)).toEqual([1, 2]);
});

test('the fake kernel tells kinds apart that share message types', () => {
  const entry = { index: 2, address: '02:00:00:00:00:01' };
  const nl = Rtnetlink.open(
    fakeKernel({
      'neighbour.list': () => [{ ...entry, dst: '192.0.2.1' }],
      'neighbour.add': () => undefined,
      'fdb.list': () => [entry],
      'fdb.add': () => ({ errno: 17 }),
    }),
  );
  const { dst } = nl.execute(neighbour.list())[0]!;
  expect(dst).toBe('192.0.2.1');
  expect(nl.execute(fdb.list())).toMatchObject([{ family: 'bridge', ...entry }]);
  nl.execute(neighbour.add({ index: 2, dst: '192.0.2.2' }));
  expect(() => nl.execute(fdb.add(entry))).toThrow('EEXIST');
});

test('a request that the fake kernel does not know is named', () =>
  expect(() => Rtnetlink.open(fakeKernel({})).execute(link.get({ name: 'eth0' }))).toThrow(
    /^nobody answers link.get \{.*name: eth0/,
  ));
