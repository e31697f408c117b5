import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { since } from '../../../../tools/test/linux.ts';
import { ip, kernel, veth } from '../../test/kernel.ts';
import { memoryOf } from '../codec/memory.ts';
import { Writer } from '../codec/writer.ts';
import { type Link, type LinkInfo, link, linkFlags, linkParts, nsid } from '../index.ts';
import { linkMessage } from './link.ts';

const get = (name: string) => kernel.execute(link.get({ name }));

test('one message makes a veth pair with names, addresses, MTUs and indexes of both ends', () => {
  kernel.execute(
    link.add({
      name: 'near',
      index: 70,
      address: '02:00:00:00:00:70',
      mtu: 1400,
      group: 7,
      txqueuelen: 77,
      info: { kind: 'veth', data: { peer: { name: 'far', index: 71, address: '02:00:00:00:00:71', mtu: 1300 } } },
    }),
  );
  const ends = kernel.batch([link.get({ index: 70 }), link.get({ index: 71 })]);
  expect(ends).toMatchObject([
    {
      name: 'near',
      link: 71,
      address: '02:00:00:00:00:70',
      mtu: 1400,
      group: 7,
      txqueuelen: 77,
      info: { kind: 'veth' },
    },
    { name: 'far', link: 70, address: '02:00:00:00:00:71', mtu: 1300, info: { kind: 'veth' } },
  ]);
  expect(ip('link', 'show', 'dev', 'near')).toMatchObject([
    { ifindex: 70, link: 'far', address: '02:00:00:00:00:70', mtu: 1400, group: '7', txqlen: 77 },
  ]);
  kernel.execute(link.delete({ index: 70 }));
  expect(get('far')).toBeUndefined();
});

test('one message changes several properties', () => {
  const [index] = veth('change0', 'change1');
  // Before Linux 6.2 a link that is up cannot be renamed, not even by the message that sets it down.
  if (!since('6.2')) kernel.execute(link.set({ index, up: false }));
  kernel.execute(
    link.set({ index, up: false, name: 'changed', mtu: 1234, alias: 'an alias', address: '02:00:00:00:00:01' }),
  );
  expect(get('changed')).toMatchObject({
    index,
    up: false,
    mtu: 1234,
    alias: 'an alias',
    address: '02:00:00:00:00:01',
  });
  expect(ip('link', 'show', 'dev', 'changed')).toMatchObject([{ ifalias: 'an alias', mtu: 1234, operstate: 'DOWN' }]);
});

test('an alias may be as long as the kernel keeps it, and is taken away by an empty one', () => {
  const [index] = veth('alias0', 'alias1');
  const alias = 'x'.repeat(255);
  kernel.execute(link.set({ index, alias }));
  expect(get('alias0')?.alias).toBe(alias);
  kernel.execute(link.set({ index, alias: '' }));
  expect(get('alias0')).not.toHaveProperty('alias');
});

test('a change leaves the flags alone that it does not name', () => {
  const [index] = veth('flags0', 'flags1');
  kernel.execute(link.set({ index, noarp: true, promiscuous: true }));
  expect(get('flags0')).toMatchObject({ up: true, noarp: true, promiscuous: true, running: true });
  kernel.execute(link.set({ index, noarp: false }));
  expect(get('flags0')).toMatchObject({ up: true, noarp: false, promiscuous: true });
});

test('a link that is not there is undefined, by name and by index', () => {
  expect(get('nothing')).toBeUndefined();
  expect(kernel.execute(link.get({ index: 4711 }))).toBeUndefined();
});

test('of a link no more is read than was asked for', () => {
  veth('brief0', 'brief1');
  const { index, name, info } = get('brief0')!;
  const brief = kernel.execute(link.get({ name: 'brief0' }, ['name', 'info', 'master', 'index']));
  expect(brief).toEqual({ name, info, index });
  expectTypeOf(brief!).toEqualTypeOf<Pick<Link, 'name' | 'info' | 'master' | 'index'>>();
  // The type of the variable must not determine which fields are read.
  const whole: Link = kernel.execute(link.get({ name: 'brief0' }))!;
  expect(whole.mtu).toBe(1500);
});

test('of a field no more is read than the parts that were asked for', () => {
  veth('parts0', 'parts1');
  const brief = kernel.execute(link.get({ name: 'parts0' }, ['name', 'info.kind', 'info.slaveKind', 'afSpec.inet6']));
  const { name, afSpec } = get('parts0')!;
  expect(brief).toEqual({ name, info: { kind: 'veth' }, afSpec: { inet6: afSpec!.inet6 } });
  expectTypeOf(brief!.info).toEqualTypeOf<Pick<LinkInfo, 'kind' | 'slaveKind'> | undefined>();
  expect(kernel.execute(link.list({ name: 'parts0' }, ['info.kind']))).toEqual([{ info: { kind: 'veth' } }]);
});

test('a field that is asked for whole is read whole, though a part of it is asked for too', () => {
  veth('under0', 'under1');
  const name = 'whole0';
  kernel.execute(link.add({ name, link: get('under0')!.index, info: { kind: 'macvlan', data: { mode: 'bridge' } } }));
  const { info } = get(name)!;
  expect(info).toMatchObject({ data: { mode: 'bridge' } });
  expect(kernel.execute(link.get({ name }, ['info', 'info.kind']))).toEqual({ info });
  expect(kernel.execute(link.get({ name }, ['info.kind', 'info']))).toEqual({ info });
});

test('a link without the field that a part is of has none', () => {
  expect(kernel.execute(link.get({ name: 'lo' }, ['name', 'info.kind']))).toEqual({ name: 'lo' });
});

test.each([
  ['info.knid', /^link\.get info\.knid: unknown field; known are kind, /],
  ['mtu.bytes', /^link\.get mtu: has no parts that could be read alone$/],
  ['ifno.kind', /^link\.get ifno: unknown field; known are family, /],
])('the part %s, which links do not have, cannot be asked for', (path, reason) => {
  expect(() => kernel.execute(link.get({ name: 'lo' }, [path as 'info.kind']))).toThrow(reason);
});

test('a field that links do not have cannot be asked for, and the socket serves on', () => {
  const unknown = link.get({ name: 'lo' }, ['name', 'nmae' as 'name']);
  expect(() => kernel.execute(unknown)).toThrow(/^link\.get nmae: unknown field; known are family, index, up, /);
  expect(kernel.execute(link.get({ name: 'lo' }, ['index', 'loopback']))).toEqual({ index: 1, loopback: true });
});

test('every link is listed, as ip(8) lists them', () => {
  veth('listed0', 'listed1');
  const ours = kernel.execute(link.list()).map(({ index, name, mtu, address, txqueuelen, group, numTxQueues }) => ({
    index,
    name,
    mtu,
    address,
    txqueuelen,
    group: group === 0 ? 'default' : String(group),
    numTxQueues,
  }));
  const theirs = ip('link', 'show').map(seen => ({
    index: seen['ifindex'],
    name: seen['ifname'],
    mtu: seen['mtu'],
    address: seen['address'],
    txqueuelen: seen['txqlen'],
    group: seen['group'],
    numTxQueues: seen['num_tx_queues'],
  }));
  expect(ours).toEqual(theirs);
  expect(ours.length).toBeGreaterThan(2);
});

test('flags have the names of ip(8)', () => {
  const [index] = veth('flagged0', 'flagged1');
  kernel.execute(link.set({ index, promiscuous: true, allMulticast: true, noarp: true }));
  const { flags } = get('flagged0')!;
  const ours = Object.entries(linkFlags).flatMap(([name, bit]) => (flags & bit ? [name.toUpperCase()] : []));
  const theirs = ip('link', 'show', 'flagged0')[0]!['flags'] as string[];
  const names = { PROMISC: 'PROMISCUOUS', ALLMULTI: 'ALLMULTICAST', LOWER_UP: 'LOWERUP' } as Record<string, string>;
  // ip(8) does not print RUNNING, but NO-CARRIER for links that are not running.
  expect(ours.toSorted()).toEqual([...theirs.map(name => names[name] ?? name), 'RUNNING'].toSorted());
});

test('the kernel lists by kind and by master', () => {
  const [index] = veth('port0', 'port1');
  kernel.execute(link.add({ name: 'bridge0', info: { kind: 'bridge' } }));
  const { index: master } = get('bridge0')!;
  kernel.execute(link.set({ index, master }));
  expect(kernel.execute(link.list({ master })).map(({ name }) => name)).toEqual(['port0']);
  expect(kernel.execute(link.list({ info: { kind: 'bridge' } })).map(({ name }) => name)).toEqual(['bridge0']);
  expect(get('port0')!.info).toMatchObject({ kind: 'veth', slaveKind: 'bridge' });
});

test('the properties that only requests have do not narrow a list', () =>
  expect(kernel.execute(link.list({ extMask: 0x1 })).map(({ name }) => name)).toContain('lo'));

describe('a group', () => {
  const names = () => kernel.execute(link.list()).map(({ name }) => name);

  test('is deleted by one message', () => {
    veth('group0', 'group1');
    const indexes = [veth('group2', 'group3')[0], veth('group4', 'group5')[0]];
    kernel.batch(indexes.map(index => link.set({ index, group: 4242 })));
    kernel.execute(link.delete({ group: 4242 }));
    expect(names().filter(name => name?.startsWith('group'))).toEqual(expect.arrayContaining(['group0', 'group1']));
    expect(names()).not.toContain('group2');
    expect(names()).not.toContain('group5');
  });

  test('is changed by one message', () => {
    const indexes = veth('group6', 'group7');
    kernel.batch(indexes.map(index => link.set({ index, group: 4243 })));
    kernel.execute(link.set({ group: 4243, mtu: 1333 }));
    expect(['group6', 'group7'].map(name => get(name)?.mtu)).toEqual([1333, 1333]);
  });
});

describe('another namespace', () => {
  const blue = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep 1000'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const path = `/proc/${blue.pid}/ns/net`;
  beforeAll(() => once(blue.stdout, 'data'));
  afterAll(() => blue.kill());

  test('is where a link is created, with its own index, and its peer here', () => {
    const fd = openSync(path, 'r');
    const peer = { name: 'there', index: 900, netnsFd: fd, address: '02:00:00:00:09:00', mtu: 1300, txqueuelen: 9 };
    kernel.execute(link.add({ name: 'here', index: 899, info: { kind: 'veth', data: { peer } } }));
    const { nsid: targetNetnsid } = kernel.execute(nsid.get({ fd }))!;
    expect(get('here')).toMatchObject({ link: 900, linkNetnsid: targetNetnsid });
    expect(kernel.execute(link.get({ name: 'there', targetNetnsid }))).toMatchObject({
      index: 900,
      address: '02:00:00:00:09:00',
      mtu: 1300,
      txqueuelen: 9,
    });
    closeSync(fd);
  });

  test('is where a link is moved, with the index that was asked for', () => {
    const fd = openSync(path, 'r');
    const [index] = veth('moved0', 'moved1');
    kernel.execute(link.set({ index, netnsFd: fd, newIndex: 901, name: 'moved2' }));
    expect(get('moved0')).toBeUndefined();
    const { nsid: targetNetnsid } = kernel.execute(nsid.get({ fd }))!;
    expect(kernel.execute(link.get({ index: 901, targetNetnsid }))).toMatchObject({ name: 'moved2' });
    closeSync(fd);
  });
});

test('sysctls and modes of the address families are set with the link', () => {
  const [index] = veth('family0', 'family1');
  const afSpec = { inet: { conf: { rpFilter: 2, arpNotify: 1 } }, inet6: { addrGenMode: 'none' } } as const;
  kernel.execute(link.set({ index, afSpec }));
  const sysctl = (name: string) => Number(readFileSync(`/proc/sys/net/ipv4/conf/family0/${name}`, 'utf8'));
  expect([sysctl('rp_filter'), sysctl('arp_notify')]).toEqual([2, 1]);
  // The kernel reports the sysctls in another form, which is not read.
  expect(get('family0')!.afSpec).toMatchObject({ inet: {}, inet6: { addrGenMode: 'none' } });
  expect(get('family0')!.afSpec!.inet).not.toHaveProperty('conf');
  expect(() => link.set({ index, afSpec: { inet: { conf: { rp_filter: 1 } as object } } })).not.toThrow();
  expect(() => kernel.execute(link.set({ index, afSpec: { inet: { conf: { rp_filter: 1 } as object } } }))).toThrow(
    'afSpec.inet.conf: no sysctl rp_filter; there are forwarding,',
  );
});

test('the virtual functions of a device that has none are none', () =>
  expect(kernel.execute(link.get({ name: 'lo', extMask: linkParts.vf }))).not.toHaveProperty('vfs'));

test('virtual functions are read as the kernel tells them', () => {
  const vf = {
    vf: 1,
    address: '02:00:00:00:00:01',
    vlan: { id: 5, qos: 2, protocol: 0x88a8 },
    rate: { min: 10, max: 90 },
  };
  const switches = { spoofCheck: true, linkState: 'disable', rssQuery: false, trust: true } as const;
  const writer = new Writer();
  linkMessage.write(writer, {
    vfs: [
      { vf: 3, txRate: 7 },
      { ...vf, ...switches },
    ],
  });
  const { vfs } = linkMessage.read(writer.memory, 0, writer.length);
  expect(vfs).toEqual([
    { vf: 3, txRate: 7 },
    { ...vf, ...switches },
  ]);
});

test('a switch that a virtual function does not have is left out', () => {
  // struct ifinfomsg; IFLA_VFINFO_LIST, IFLA_VF_INFO, IFLA_VF_SPOOFCHK with the value of drivers without that switch.
  const message = [...Array(16).fill(0), 20, 0, 22, 0, 16, 0, 1, 0, 12, 0, 4, 0, 2, 0, 0, 0, 255, 255, 255, 255];
  expect(linkMessage.read(memoryOf(message), 0, message.length).vfs).toEqual([{ vf: 2 }]);
});

test('a virtual function that a device does not have is refused by the kernel', () => {
  const [index] = veth('vf0', 'vf1');
  expect(() => kernel.execute(link.set({ index, vfs: [{ vf: 0, address: '02:00:00:00:00:01' }] }))).toThrow(
    'EOPNOTSUPP',
  );
});
