import { execFileSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { since } from '../../../tools/test/linux.ts';
import { kernel, veth } from '../test/kernel.ts';
import { link, type MdbInput, mdb } from './index.ts';

const data = { multicastSnooping: true, multicastIgmpVersion: 3, multicastMldVersion: 2 };
const [, made] = kernel.batch([
  link.add({ name: 'mbridge', up: true, info: { kind: 'bridge', data } }),
  link.get({ name: 'mbridge' }),
]);
const index = made!.index;
const [port] = veth('mport0', 'mport1');
kernel.execute(link.set({ index: port, master: index }));

interface Seen {
  readonly mdb: Record<string, unknown>[];
  readonly router: Record<string, { port: string; type: string }[]>;
}

/** bridge(8)'s output for the bridge. */
function seen(): Seen {
  const printed = execFileSync('bridge', ['-json', '-details', 'mdb', 'show', 'dev', 'mbridge'], { encoding: 'utf8' });
  return JSON.parse(printed)[0] as Seen;
}

/** The members of groups that a test added. IPv6 temporarily joins other groups by itself. */
const told = () => (kernel.execute(mdb.list({ index }))[0]?.entries ?? []).filter(({ state }) => state === 'permanent');

afterEach(() => {
  for (const { port, group, source } of told()) {
    const options = source ? { options: { source } } : {};
    kernel.execute(mdb.delete({ index, entry: { port, group }, ...options } as MdbInput));
  }
});

test.each(['239.1.1.1', 'ff05::1:3', '01:00:5e:7f:00:01'])(
  'a member of the group %s is read as it was added',
  group => {
    kernel.execute(mdb.add({ index, entry: { port, group, state: 'permanent' } }));
    expect(told()).toMatchObject([{ port, group, state: 'permanent', flags: 0 }]);
    const theirs = seen().mdb.find(({ grp }) => grp === group);
    expect(theirs).toMatchObject({ dev: 'mbridge', port: 'mport0', grp: group, state: 'permanent' });
  },
);

test('a member may take a group from one source alone', () => {
  const entry = { port, group: '239.1.1.2', state: 'permanent' } as const;
  kernel.execute(mdb.add({ index, entry, options: { source: '192.0.2.7' } }));
  expect(told()).toMatchObject([{ ...entry, source: '192.0.2.7', groupMode: 'include', protocol: 'static' }]);
  expect(seen().mdb.find(({ grp }) => grp === entry.group)).toMatchObject({ src: '192.0.2.7', protocol: 'static' });
});

/** Whether an entry is added with options of Linux 6.3, which an older kernel refuses. */
function isAdded(entry: MdbInput['entry'], options: MdbInput['options']): boolean {
  const [{ error }] = kernel.settle([mdb.add({ index, entry, options })]);
  if (!error) return true;
  expect(error).toMatchObject({ kernelMessage: 'Unknown attribute type', field: expect.stringMatching(/^options\./) });
  expect(since('6.3')).toBe(false);
  return false;
}

test('a member may be told by whom it was added, unless the kernel is older', () => {
  const entry = { port, group: '239.1.1.5', state: 'permanent' } as const;
  if (isAdded(entry, { protocol: 97 })) expect(told()).toMatchObject([{ ...entry, protocol: 97 }]);
});

test('a member may take a group from all sources but some, which can be replaced, unless the kernel is older', () => {
  const entry = { port, group: '239.1.1.3', state: 'permanent' } as const;
  const sources = [{ address: '192.0.2.8' }];
  if (!isAdded(entry, { groupMode: 'exclude', sources })) return;
  const member = () => told().find(({ source, group }) => group === entry.group && source === undefined);
  expect(member()).toMatchObject({ groupMode: 'exclude', sources: [{ address: '192.0.2.8' }] });
  kernel.execute(mdb.replace({ index, entry, options: { groupMode: 'exclude', sources: [{ address: '192.0.2.9' }] } }));
  expect(member()?.sources).toMatchObject([{ address: '192.0.2.9' }]);
});

test('a member that is there is no other, and one that is gone cannot be deleted', () => {
  const entry = { port, group: '239.1.1.4', state: 'permanent' } as const;
  kernel.execute(mdb.add({ index, entry }));
  expect(() => kernel.execute(mdb.add({ index, entry }))).toThrow(/mdb\.add .*EEXIST/);
  kernel.execute(mdb.delete({ index, entry }));
  expect(() => kernel.execute(mdb.delete({ index, entry }))).toThrow(/mdb\.delete .*EINVAL/);
});

test('a port behind which there is a router is told, and bridge(8) sees the same', () => {
  const slaveData = { multicastRouter: 'permanent' } as const;
  kernel.execute(link.set({ index: port, info: { kind: 'veth', slaveKind: 'bridge', slaveData } }));
  expect(kernel.execute(mdb.list({ index }))[0]!.routers).toMatchObject([{ port, type: 'permanent' }]);
  expect(seen().router['mbridge']).toMatchObject([{ port: 'mport0' }]);
});

test('what is no group is refused by name', () => {
  expect(() => kernel.execute(mdb.add({ index, entry: { port, group: '239.1' } }))).toThrow(
    'mdb.add entry.group: not an IP',
  );
  const unicast = mdb.add({ index, entry: { port, group: '192.0.2.1' } });
  expect(() => kernel.execute(unicast)).toThrow('IPv4 entry group address is not multicast');
});
