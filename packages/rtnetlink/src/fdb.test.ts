import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { kernel, veth } from '../test/kernel.ts';
import { fdb, link, neighbourFlags, nexthop } from './index.ts';

const [port] = veth('fport0', 'fport1');
kernel.batch([
  // Without a VLAN of its ports: the entry would be added to that too.
  link.add({ name: 'fbridge', info: { kind: 'bridge', data: { defaultPvid: 0 } } }),
  link.add({ name: 'fvxlan', info: { kind: 'vxlan', data: { id: 5, port: 4789, learning: false } } }),
  link.add({ name: 'fexternal', info: { kind: 'vxlan', data: { collectMetadata: true, port: 4790 } } }),
]);
const [bridge, vxlan, external] = kernel
  .batch([link.get({ name: 'fbridge' }), link.get({ name: 'fvxlan' }), link.get({ name: 'fexternal' })])
  .map(found => found!.index) as [number, number, number];
kernel.execute(link.set({ index: port, master: bridge }));

/** bridge(8)'s output for an entry of a device. */
function seen(dev: string, mac: string): Record<string, unknown>[] {
  const entries = JSON.parse(execFileSync('bridge', ['-json', 'fdb', 'show', 'dev', dev], { encoding: 'utf8' }));
  return (entries as Record<string, unknown>[]).filter(entry => entry['mac'] === mac);
}

const address = '02:00:00:00:00:aa';

test('an entry of a bridge is read as it was added', () => {
  kernel.execute(fdb.add({ index: port, address, state: 'noarp', flags: neighbourFlags.master }));
  expect(kernel.execute(fdb.get({ address, index: port, flags: neighbourFlags.master }))).toMatchObject({
    address,
    index: port,
    state: 'noarp',
    master: bridge,
  });
  expect(kernel.execute(fdb.list({ master: bridge }))).toContainEqual(expect.objectContaining({ address }));
  expect(seen('fport0', address)).toMatchObject([{ state: 'static', master: 'fbridge' }]);
  kernel.execute(fdb.delete({ index: port, address, flags: neighbourFlags.master }));
  expect(seen('fport0', address)).toEqual([]);
});

test('an entry of a vxlan leads to another end, and to one more', () => {
  kernel.execute(fdb.add({ index: vxlan, address: '00:00:00:00:00:00', dst: '192.0.2.5', vni: 7, port: 4000 }));
  kernel.execute(fdb.append({ index: vxlan, address: '00:00:00:00:00:00', dst: '192.0.2.15' }));
  const entries = kernel.execute(fdb.list({ index: vxlan }));
  expect(entries).toMatchObject([
    { index: vxlan, dst: '192.0.2.5', vni: 7, port: 4000, state: 'permanent' },
    { index: vxlan, dst: '192.0.2.15' },
  ]);
  expect(seen('fvxlan', '00:00:00:00:00:00')).toMatchObject([
    { dst: '192.0.2.5', vni: 7, port: 4000, flags: ['self'], state: 'permanent' },
    { dst: '192.0.2.15' },
  ]);
});

test('an entry of a vxlan leads to a nexthop object', () => {
  kernel.batch([
    nexthop.add({ id: 1, gateway: '192.0.2.6', fdb: true }),
    nexthop.add({ id: 2, group: [{ id: 1 }], fdb: true }),
    fdb.add({ index: vxlan, address, nexthopId: 2 }),
  ]);
  expect(kernel.execute(fdb.list({ index: vxlan })).find(found => found.address === address)).toMatchObject({
    nexthopId: 2,
  });
  expect(seen('fvxlan', address)).toMatchObject([{ nhid: 2 }]);
});

test('an entry of a vxlan whose packets tell the way is for an identifier', () => {
  kernel.execute(fdb.add({ index: external, address, srcVni: 42, dst: '192.0.2.5' }));
  expect(kernel.execute(fdb.list({ index: external }))).toMatchObject([{ address, srcVni: 42, dst: '192.0.2.5' }]);
  expect(seen('fexternal', address)).toMatchObject([{ src_vni: 42 }]);
});

test('an entry is added once, and replaced', () => {
  const entry = { index: vxlan, address: '02:00:00:00:00:bb', dst: '192.0.2.7' };
  kernel.execute(fdb.add(entry));
  expect(() => kernel.execute(fdb.add(entry))).toThrow('EEXIST');
  kernel.execute(fdb.replace({ ...entry, dst: '192.0.2.8' }));
  expect(seen('fvxlan', entry.address)).toMatchObject([{ dst: '192.0.2.8' }]);
});
