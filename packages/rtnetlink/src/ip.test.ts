import { expect, test } from 'vitest';
import { kernel, veth } from '../test/kernel.ts';
import { address, anywhere, familyOf, hostPrefix, ipFamilies, route, withoutLength } from './index.ts';

const [index] = veth('ip0', 'ip1');

test.each([
  ['inet', '192.0.2.1', '192.0.2.2'],
  ['inet6', '2001:db8::1', '2001:db8::2'],
] as const)('the kernel reports what the text of %s says', (family, own, gateway) => {
  kernel.execute(address.add({ index, address: hostPrefix(own) }));
  const found = kernel.execute(address.list({ index, scope: 'global' })).filter(one => one.family === familyOf(own));
  expect(found.map(({ address }) => [address, withoutLength(address!)])).toEqual([[hostPrefix(own), own]]);
  kernel.execute(route.add({ dst: anywhere[family], oif: index, gateway, onlink: true }));
  const [fallback] = kernel.execute(route.list({ gateway }));
  expect(fallback).toMatchObject({ family, dst: anywhere[family] });
  expect(familyOf(fallback!.dst!)).toBe(family);
});

test('an address without a length stays as it is', () => {
  expect(['192.0.2.1', '2001:db8::1'].map(withoutLength)).toEqual(['192.0.2.1', '2001:db8::1']);
});

test('the prefix of one address has the length of the address', () => {
  expect(['192.0.2.1', '2001:db8::1'].map(hostPrefix)).toEqual(['192.0.2.1/32', '2001:db8::1/128']);
});

test('there are two families', () => {
  expect(ipFamilies).toEqual(Object.keys(anywhere));
});
