import { expect, test } from 'vitest';
import { Address } from './address.ts';
import { InterfaceAddress } from './interface-address.ts';

test('the address keeps its host bits, the prefix has none', () => {
  const { address, prefix, family } = InterfaceAddress.parse('10.1.2.3/24');
  expect([`${address}`, `${prefix}`, family]).toEqual(['10.1.2.3', '10.1.2.0/24', 4]);
});

test('the text has the address and the length', () => {
  expect(JSON.stringify(InterfaceAddress.parse('2001:DB8::1/64'))).toBe('"2001:db8::1/64"');
});

test('without a length the link is the address alone', () => {
  expect(`${InterfaceAddress.of(Address.parse('10.1.2.3'))}`).toBe('10.1.2.3/32');
});

test.each([
  ['10.1.2.3', 'not an IPv4 interface address: "10.1.2.3": it has no "/" and length'],
  ['10.1.2.3/33', 'not an IPv4 interface address: "10.1.2.3/33": the length must be 0 to 32'],
  ['10.1.2/24', 'not an IP interface address: "10.1.2/24": it must be four decimal numbers with dots between them'],
])('%j is no interface address', (given, message) => {
  expect(() => InterfaceAddress.parse(given)).toThrow(expect.objectContaining({ name: 'ParseError', message }));
});

test('the family asked for is the only one accepted', () => {
  expect(() => InterfaceAddress.parse('10.1.2.3/24', 6)).toThrow('10.1.2.3 is an IPv4 address');
});

test('equal are those with the same address and length', () => {
  const a = InterfaceAddress.parse('10.1.2.3/24');
  expect(a.equals(InterfaceAddress.of(Address.parse('10.1.2.3'), 24))).toBe(true);
  expect(a.equals(InterfaceAddress.parse('10.1.2.3/25'))).toBe(false);
  expect(a.equals(InterfaceAddress.parse('10.1.2.4/24'))).toBe(false);
});
