import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { addresses, almostAddresses, ipv6Spellings } from '../../test/arbitraries.ts';
import { canonicalGroups, canonicalOctets } from './canonical.ts';

/** Includes text that JavaScript's own functions accept as numbers. */
const soup = fc
  .array(fc.constantFrom('0', '1', '255', '256', 'ffff', '10000', 'e', '-', '+', 'x', 'NaN', ' ', '.', ':', '::'), {
    maxLength: 16,
  })
  .map(parts => parts.join(''));

test('what is canonical is read as ipaddr.js reads it', () => {
  const texts = fc.oneof(
    soup,
    almostAddresses,
    addresses.map(String),
    ipv6Spellings.map(([, spelling]) => spelling),
  );
  fc.assert(
    fc.property(texts, text => {
      const [octets, groups] = [canonicalOctets(text), canonicalGroups(text)];
      if (octets) expect(octets, text).toEqual(ipaddr.IPv4.parse(text).octets);
      if (groups) expect(groups, text).toEqual(ipaddr.IPv6.parse(text).parts);
    }),
    { numRuns: 20_000 },
  );
});

test('what this package writes is canonical, but for IPv4-mapped addresses', () => {
  fc.assert(
    fc.property(addresses, address => {
      const text = String(address);
      const read = address.family === 4 ? canonicalOctets(text) : canonicalGroups(text);
      expect(read !== undefined, text).toBe(!address.isMapped);
    }),
  );
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.04',
  '1.2.3.0x4',
  '1.2.3.-0',
  '1.2.3.-4',
  '1.2.3. 4',
  '1.2.3.',
  '1.2.3.NaN',
  '1.2.3.Infinity',
])('%j is no canonical IPv4 address', text => {
  expect(canonicalOctets(text)).toBeUndefined();
});

test.each([
  '',
  ':',
  ':::',
  '1::2::3',
  'FE80::1',
  'fe80::01',
  'fe80::1 ',
  'fe80::1%eth0',
  'fe80::1g',
  'fe80::-1',
  'fe80::NaN',
  '10000::1',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4::5:6:7:8',
  '1:2:3:4:5:6:7::',
  '::ffff:192.0.2.1',
])('%j is no canonical IPv6 address without dotted tail', text => {
  expect(canonicalGroups(text)).toBeUndefined();
});
