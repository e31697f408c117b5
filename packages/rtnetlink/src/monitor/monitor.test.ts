import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CLONE_NEWNET, close, O_CLOEXEC, O_RDONLY, open, setns, socket, unshare } from '@spider/libc';
import { describe, expect, onTestFinished, test } from 'vitest';
import { opened } from '../../../../tools/test/open-files.ts';
import { kernel, veth } from '../../test/kernel.ts';
import {
  address,
  link,
  mainTable,
  type Namespace,
  neighbour,
  nsid,
  type Request,
  Rtnetlink,
  route,
  rule,
} from '../index.ts';
import { type Change, type Kind, type MonitorEvent, monitor } from './index.ts';

const [index] = veth('here', 'there');
const bridge = (name: string) => link.add({ name, info: { kind: 'bridge' } });
const remove = (name: string) => link.delete({ name });

/** A network namespace of its own, and a client in it. */
function elsewhere(): { fd: number; client: Rtnetlink } & Namespace {
  const path = '/proc/thread-self/ns/net';
  const home = open(path, O_RDONLY | O_CLOEXEC);
  unshare(CLONE_NEWNET);
  const fd = open(path, O_RDONLY | O_CLOEXEC);
  setns(home, CLONE_NEWNET);
  const namespace: Namespace = {
    socket(...how) {
      setns(fd, CLONE_NEWNET);
      try {
        return socket(...how);
      } finally {
        setns(home, CLONE_NEWNET);
      }
    },
  };
  const client = Rtnetlink.openIn(namespace);
  onTestFinished(() => {
    client.close();
    close(fd);
    close(home);
  });
  return { fd, client, ...namespace };
}

/** The next event. */
async function take<Event>(events: AsyncIterator<Event>): Promise<Event> {
  const { value, done } = await events.next();
  if (done) throw new Error('there is no more');
  return value;
}

/** The next event as text. */
async function next(events: AsyncIterator<MonitorEvent>): Promise<string> {
  const { value, done } = await events.next();
  return done ? 'done' : words(value);
}

function words(event: MonitorEvent): string {
  if (event.type === 'overrun') return 'overrun';
  if (event.type === 'synced') return `synced ${event.kinds}`;
  return `${event.type} ${event.kind} ${nameOf(event)}`;
}

function nameOf({ kind, object }: Change): unknown {
  if (kind === 'link') return object.name;
  if (kind === 'address') return object.address;
  if (kind === 'netconf') return `${object.family} rp_filter ${object.rpFilter}`;
  return kind === 'rule' ? object.priority : object.dst;
}

/** Files that are open now and were not before the first monitor. */
const files = opened();

/** Waits until all of them are closed, which runtimes do in a later turn of the event loop. */
const allClosed = () => expect.poll(files).toEqual([]);

describe('a monitor tells what is made, and what goes:', () => {
  const cases: [Kind, name: string, add: Request<void>, remove: Request<void>][] = [
    ['link', 'new', bridge('new'), remove('new')],
    [
      'address',
      '192.0.2.1/24',
      address.add({ index, address: '192.0.2.1/24' }),
      address.delete({ index, address: '192.0.2.1/24' }),
    ],
    [
      'address',
      'fd00::1/64',
      address.add({ index, address: 'fd00::1/64', flags: 2 }),
      address.delete({ index, address: 'fd00::1/64' }),
    ],
    [
      'route',
      '198.51.100.0/24',
      route.add({ dst: '198.51.100.0/24', oif: index }),
      route.delete({ dst: '198.51.100.0/24', oif: index }),
    ],
    [
      'route',
      '2001:db8::/32',
      route.add({ dst: '2001:db8::/32', oif: index }),
      route.delete({ dst: '2001:db8::/32', oif: index }),
    ],
    ['rule', '9', rule.add({ family: 'inet', priority: 9, table: 9 }), rule.delete({ family: 'inet', priority: 9 })],
    ['rule', '8', rule.add({ family: 'inet6', priority: 8, table: 9 }), rule.delete({ family: 'inet6', priority: 8 })],
    [
      'neighbour',
      '192.0.2.9',
      neighbour.add({ index, dst: '192.0.2.9', address: '02:00:00:00:00:01', state: 'permanent' }),
      neighbour.delete({ index, dst: '192.0.2.9' }),
    ],
  ];

  test.each(cases)('%s %s', async (kind, name, add, remove) => {
    await using events = monitor({ kinds: [kind] });
    kernel.execute(add);
    expect(await next(events)).toBe(`new ${kind} ${name}`);
    kernel.execute(remove);
    let told: string;
    // A neighbour entry fails before it is deleted, and a link loses its addresses.
    do told = await next(events);
    while (told === `new ${kind} ${name}`);
    expect(told).toBe(`delete ${kind} ${name}`);
  });
});

test('a monitor tells what an interface is set to do, and begins with what it was', async () => {
  const set = (value: number) => writeFileSync('/proc/sys/net/ipv4/conf/here/rp_filter', `${value}`);
  set(1);
  await using events = monitor({ kinds: ['netconf'], initial: true });
  const told: string[] = [];
  for await (const event of events) {
    told.push(words(event));
    if (event.type === 'synced') set(2);
    else if (told.some(text => text.startsWith('synced'))) break;
  }
  expect(told).toContain('new netconf inet rp_filter 1');
  expect(told.slice(-2)).toEqual(['synced netconf', 'new netconf inet rp_filter 2']);
});

test('an object is told as a list tells it', async () => {
  await using events = monitor({ kinds: ['rule'] });
  kernel.execute(rule.add({ family: 'inet', priority: 7, table: 77, mark: 5, src: '192.0.2.0/24' }));
  expect(await take(events)).toEqual({
    type: 'new',
    kind: 'rule',
    object: kernel.execute(rule.list({ family: 'inet' })).find(({ priority }) => priority === 7),
    namespace: undefined,
  });
});

test('what happens between the call and the loop is not missed, and comes in its order', async () => {
  await using events = monitor({ kinds: ['rule', 'link'] });
  kernel.batch([
    rule.add({ family: 'inet', priority: 6 }),
    bridge('six'),
    rule.delete({ family: 'inet', priority: 6 }),
  ]);
  await setTimeout(20);
  expect([await next(events), await next(events), await next(events)]).toEqual([
    'new rule 6',
    'new link six',
    'delete rule 6',
  ]);
});

test('an event wakes whoever waits for it', async () => {
  await using events = monitor({ kinds: ['rule'] });
  for (const priority of [51, 52, 53]) {
    const told = next(events);
    await setTimeout(10);
    kernel.execute(rule.add({ family: 'inet', priority }));
    expect(await told).toBe(`new rule ${priority}`);
  }
});

test('a link that leaves its bridge is not said to be gone', async () => {
  kernel.execute(bridge('br'));
  const master = kernel.execute(link.get({ name: 'br' }))!.index;
  kernel.execute(link.set({ index, master }));
  await using events = monitor({ kinds: ['link'] });
  kernel.batch([link.set({ index, master: 0 }), bridge('last')]);
  const told: string[] = [];
  do told.push(await next(events));
  while (told.at(-1) !== 'new link last');
  expect(told).toContain('new link here');
  expect(told).not.toContain('delete link here');
});

test('what is there is told first where that is wanted', async () => {
  await using events = monitor({ kinds: ['link', 'rule'], initial: true });
  kernel.execute(bridge('later'));
  const told: string[] = [];
  do told.push(await next(events));
  while (!told.at(-1)?.startsWith('synced'));
  const links = kernel.execute(link.list()).map(({ name }) => `new link ${name}`);
  const rules = kernel.execute(rule.list()).map(({ priority }) => `new rule ${priority}`);
  expect(told).toEqual([...links, ...rules, 'synced link,rule']);
  expect(await next(events)).toBe('new link later');
});

test('what bridges forward is told with the neighbours', async () => {
  const fdb = { index, family: 'bridge', address: '02:00:00:00:00:99', state: 'permanent', flags: 2 } as const;
  kernel.execute(neighbour.add(fdb));
  await using events = monitor({ kinds: ['neighbour'], initial: true });
  const told: unknown[] = [];
  for await (const event of events) {
    if (event.type === 'synced') break;
    if (event.type === 'new') told.push(event.object);
  }
  expect(told).toContainEqual(expect.objectContaining({ family: 'bridge', address: '02:00:00:00:00:99' }));
});

describe('other namespaces', () => {
  test('are followed side by side, and each event tells which', async () => {
    const [red, blue] = [elsewhere(), elsewhere()];
    await using events = monitor({ kinds: ['link'], namespaces: [red, blue] });
    kernel.execute(bridge('not-told'));
    for (const namespace of [blue, red, blue]) {
      namespace.client.execute(bridge('new'));
      expect(await take(events)).toMatchObject({ type: 'new', object: { name: 'new' }, namespace });
      namespace.client.execute(remove('new'));
      while ((await take(events)).type !== 'delete');
    }
  });

  test('are all followed by one socket, by their numbers, whenever they get one', async () => {
    const [red, blue] = [elsewhere(), elsewhere()];
    kernel.execute(nsid.add({ fd: red.fd, nsid: 1001 }));
    await using events = monitor({ kinds: ['link', 'rule'], namespaces: 'all', initial: true });
    const synced: unknown[] = [];
    const names: unknown[] = [];
    while (synced.length < 2) {
      const event = await take(events);
      if (event.type === 'synced') synced.push([event.namespace, event.kinds]);
      else if (event.type === 'new' && event.namespace === 1001) names.push(nameOf(event));
    }
    expect(synced).toEqual([
      [undefined, ['link', 'rule']],
      [1001, ['link']],
    ]);
    expect(names).toEqual(['lo']);

    kernel.execute(rule.add({ family: 'inet', priority: 41 }));
    red.client.execute(bridge('in-red'));
    kernel.execute(nsid.add({ fd: blue.fd, nsid: 1002 }));
    blue.client.execute(rule.add({ family: 'inet', priority: 42 }));
    const told: unknown[] = [];
    while (told.length < 3) {
      const event = await take(events);
      told.push([words(event), event.namespace]);
    }
    expect(told).toEqual([
      ['new rule 41', undefined],
      ['new link in-red', 1001],
      ['new rule 42', 1002],
    ]);
  });
});

describe('an overrun', () => {
  test('is an event, after which all that is there is told again, and then what changes', async () => {
    const { client, ...namespace } = elsewhere();
    client.execute(link.set({ index: 1, up: true }));
    await using events = monitor({ kinds: ['route'], namespaces: [namespace] });
    const routes = Array.from({ length: 40_000 }, (_, i) => ({
      dst: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`,
      oif: 1,
    }));
    client.batch(routes.map(route.add));
    // The listener still has what its buffer could hold.
    let event = await take(events);
    while (event.type === 'new') event = await take(events);
    expect(event).toEqual({ type: 'overrun', namespace });
    const told = new Set<string | undefined>();
    for (event = await take(events); event.type === 'new'; event = await take(events))
      if (event.object.table === mainTable) told.add(event.object.dst);
    expect(event).toEqual({ type: 'synced', namespace, kinds: ['route'] });
    expect(told).toEqual(new Set(routes.map(({ dst }) => dst)));
    client.execute(route.delete(routes[0]!));
    expect(await next(events)).toBe('delete route 10.0.0.0/32');
  });
});

describe('the end', () => {
  test('comes with the signal, to who waits as to who does not, and is no error', async () => {
    const controller = new AbortController();
    const events = monitor({ kinds: ['rule'], signal: controller.signal });
    const waiting = next(events);
    await setTimeout(10);
    controller.abort();
    expect(await waiting).toBe('done');
    expect(await next(events)).toBe('done');
    await allClosed();
  });

  test('comes at once where the signal came before', async () => {
    for await (const _ of monitor({ signal: AbortSignal.abort(), initial: true })) expect.unreachable();
    await allClosed();
  });

  test('may be made in the midst of what is there', async () => {
    const controller = new AbortController();
    let count = 0;
    for await (const event of monitor({ initial: true, signal: controller.signal })) {
      expect(event.type).toBe('new');
      if (++count === 3) controller.abort();
    }
    expect(count).toBe(3);
  });

  test('of the loop closes all sockets', async () => {
    for await (const _ of monitor({ initial: true })) break;
    await allClosed();
  });

  test('closes the sockets of a monitor that was never asked', async () => {
    const events = monitor();
    expect(files()).not.toEqual([]);
    await events.return();
    await allClosed();
  });
});

test('what cannot be followed is named, and nothing is opened', async () => {
  expect(() => monitor({ kinds: ['links' as 'link'] })).toThrow(
    new TypeError('links cannot be followed: it is not one of link, address, route, rule, neighbour, netconf'),
  );
  await allClosed();
});

test('a namespace that cannot be entered leaves nothing open', async () => {
  const refuses = {
    socket() {
      throw new Error('refused');
    },
  };
  expect(() => monitor({ namespaces: [{ socket }, refuses] })).toThrow('refused');
  await allClosed();
});

describe('in a process', () => {
  /** Runs test/following.ts and returns what it printed. */
  const run = (...args: string[]) =>
    execFileSync(
      process.execPath,
      ['--conditions=@spider/source', join(import.meta.dirname, '../../test/following.ts'), ...args],
      {
        encoding: 'utf8',
        env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
        timeout: 50_000,
      },
    ).trim();

  test('of one helper thread, ten monitors leave that thread to others', () =>
    expect(run('many')).toBe('read a file; told 10 times'));
  test('a worker follows by itself, and can be ended while it waits', () =>
    expect(run('worker')).toBe('new in-worker; ended'));
  test('a monitor keeps the process alive until it ends, and then lets it go', () =>
    expect(run('alive')).toBe('new late'));
  test('that exits a monitor is no hindrance', () => expect(run('exit')).toBe('bye'));
});
