import { expect, test } from 'vitest';
import { ScopedAddress } from './scoped-address.ts';

test.each([
  ['fe80::1%eth0', 'fe80::1', 'eth0'],
  ['FE80::1%eth0.100', 'fe80::1', 'eth0.100'],
  ['fe80::1%2', 'fe80::1', '2'],
  ['fe80::1%fifteen-letters', 'fe80::1', 'fifteen-letters'],
  ['fe80::1%thirteen-lettä', 'fe80::1', 'thirteen-lettä'],
  ['fe80::1', 'fe80::1', undefined],
])('%s is read as %s in the zone %s', (given, address, zone) => {
  const scoped = ScopedAddress.parse(given);
  expect([`${scoped.address}`, scoped.zone]).toEqual([address, zone]);
  expect(`${scoped}`).toBe(zone === undefined ? address : `${address}%${zone}`);
});

const impossible = ['', '.', '..', 'sixteen-letters-', 'fourteen-letteä', 'eth 0', 'eth/0', 'eth:0', 'eth0%', 'eth0\n'];
test.each(impossible)('%j is no zone', zone => {
  expect(() => ScopedAddress.parse(`fe80::1%${zone}`)).toThrow(
    `not an IPv6 address with a zone: ${JSON.stringify(`fe80::1%${zone}`)}: ${JSON.stringify(zone)} cannot be the name of an interface`,
  );
});

test('only IPv6 addresses have zones', () => {
  expect(() => ScopedAddress.parse('169.254.0.1%eth0')).toThrow('not an IPv6 address');
});

test('equal are those with the same address and zone', () => {
  const a = ScopedAddress.parse('fe80::1%eth0');
  expect(a.equals(ScopedAddress.parse('FE80::1%eth0'))).toBe(true);
  expect(a.equals(ScopedAddress.parse('fe80::1%eth1'))).toBe(false);
  expect(a.equals(ScopedAddress.parse('fe80::2%eth0'))).toBe(false);
});
