import { expect, test } from 'vitest';
import { ip, kernel, veth } from '../test/kernel.ts';
import { neighbour, neighbourFlags } from './index.ts';

const [index, other] = veth('neigh0', 'neigh1');

test.each(['192.0.2.9', '2001:db8::9'])('the neighbour %s is read as it was added', dst => {
  kernel.execute(neighbour.add({ index, dst, address: '02:00:00:00:00:09', state: 'permanent', protocol: 97 }));
  const wanted = { index, dst, address: '02:00:00:00:00:09', state: 'permanent', protocol: 97 };
  expect(kernel.execute(neighbour.get({ index, dst }))).toMatchObject(wanted);
  expect(kernel.execute(neighbour.list({ index }))).toContainEqual(expect.objectContaining(wanted));
  expect(ip('neighbour', 'show', dst, 'dev', 'neigh0')).toMatchObject([
    { dst, lladdr: '02:00:00:00:00:09', state: ['PERMANENT'], protocol: '97' },
  ]);
});

test('a neighbour is added once, replaced, changed and deleted', () => {
  const key = { index, dst: '192.0.2.10' };
  const state = () => kernel.execute(neighbour.get(key))?.address;
  kernel.execute(neighbour.add({ ...key, address: '02:00:00:00:00:01', state: 'permanent' }));
  expect(() => kernel.execute(neighbour.add({ ...key, address: '02:00:00:00:00:01', state: 'permanent' }))).toThrow(
    'EEXIST',
  );
  kernel.execute(neighbour.replace({ ...key, address: '02:00:00:00:00:02', state: 'permanent' }));
  expect(state()).toBe('02:00:00:00:00:02');
  kernel.execute(neighbour.set({ ...key, address: '02:00:00:00:00:03', state: 'permanent' }));
  expect(state()).toBe('02:00:00:00:00:03');
  kernel.execute(neighbour.delete(key));
  expect(state()).toBeUndefined();
  expect(() => kernel.execute(neighbour.set({ ...key, address: '02:00:00:00:00:03', state: 'permanent' }))).toThrow(
    'ENOENT',
  );
});

test('a proxy is a neighbour with a flag', () => {
  kernel.execute(neighbour.add({ index, dst: '192.0.2.50', flags: neighbourFlags.proxy }));
  const proxies = kernel.execute(neighbour.list({ index, flags: neighbourFlags.proxy }));
  expect(proxies).toMatchObject([{ dst: '192.0.2.50', flags: neighbourFlags.proxy }]);
  expect(ip('neighbour', 'show', 'proxy')).toMatchObject([{ dst: '192.0.2.50', dev: 'neigh0' }]);
});

test('the kernel lists by interface', () => {
  kernel.execute(neighbour.add({ index: other, dst: '192.0.2.77', address: '02:00:00:00:00:77', state: 'permanent' }));
  expect(kernel.execute(neighbour.list({ index: other })).map(({ dst }) => dst)).toContain('192.0.2.77');
  expect(kernel.execute(neighbour.list({ index })).map(({ dst }) => dst)).not.toContain('192.0.2.77');
});

test('a neighbour is added again as it was read', () => {
  const key = { index, dst: '192.0.2.60' };
  kernel.execute(neighbour.add({ ...key, address: '02:00:00:00:00:60', state: 'permanent' }));
  const before = kernel.execute(neighbour.get(key))!;
  kernel.execute(neighbour.delete(key));
  kernel.execute(neighbour.add(before));
  expect(kernel.execute(neighbour.get(key))).toMatchObject({
    ...key,
    address: '02:00:00:00:00:60',
    state: 'permanent',
  });
});
