import { describe, expect, test } from 'vitest';
import { ip, kernel, veth } from '../../test/kernel.ts';
import { type LinkInput, link } from '../index.ts';

const get = (name: string) => kernel.execute(link.get({ name }));

/** Creates a link, reads it back, and removes it. */
function made(input: LinkInput & { name: string }) {
  const [, created] = kernel.batch([link.add(input), link.get({ name: input.name })]);
  const seen = ip('link', 'show', 'dev', input.name)[0]!;
  kernel.execute(link.delete({ index: created!.index }));
  return { created: created!, seen };
}

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

describe('of kind', () => {
  test('bridge, what is made is what is read', () => {
    const data = {
      forwardDelay: 1100,
      helloTime: 300,
      maxAge: 1500,
      ageingTime: 20000,
      stpState: 1,
      priority: 0x1000,
      multicastSnooping: false,
    } as const;
    const { created, seen } = made({ name: 'br0', info: { kind: 'bridge', data } });
    expect(created.info).toMatchObject({ kind: 'bridge', data });
    expect(seen['linkinfo']).toMatchObject({
      info_kind: 'bridge',
      info_data: {
        forward_delay: 1100,
        hello_time: 300,
        max_age: 1500,
        ageing_time: 20000,
        stp_state: 1,
        priority: 0x1000,
      },
    });
  });

  test('macvlan, what is made is what is read', () => {
    const [lower] = veth('mlower0', 'mlower1');
    const { created, seen } = made({ name: 'mv0', link: lower, info: { kind: 'macvlan', data: { mode: 'private' } } });
    expect(created).toMatchObject({ link: lower, info: { kind: 'macvlan', data: { mode: 'private' } } });
    expect(seen['linkinfo']).toMatchObject({ info_kind: 'macvlan', info_data: { mode: 'private' } });
  });

  test('vxlan, what is made is what is read', () => {
    const [lower] = veth('xlower0', 'xlower1');
    const data = {
      id: 77,
      local: '192.0.2.1',
      group: '239.0.0.1',
      link: lower,
      ttl: 9,
      learning: false,
      port: 4789,
    } as const;
    const { created, seen } = made({ name: 'vx0', info: { kind: 'vxlan', data } });
    expect(created.info).toMatchObject({ kind: 'vxlan', data });
    expect(seen['linkinfo']).toMatchObject({
      info_kind: 'vxlan',
      info_data: { id: 77, local: '192.0.2.1', group: '239.0.0.1', ttl: 9, learning: false, port: 4789 },
    });
  });

  test('without a schema here, the data are bytes', () => {
    const { created } = made({ name: 'ifb0', info: { kind: 'ifb' } });
    expect(created.info).toEqual({ kind: 'ifb' });
  });
});
