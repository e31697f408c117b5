import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, formatLinkAddress, parseAddress, parseLinkAddress } from './text.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
// Zero groups decide how an address is shortened, so half of the groups are zero.
const bytes6 = fc
  .array(fc.oneof(fc.constant([0, 0]), fc.tuple(fc.nat(0xff), fc.nat(0xff))), { minLength: 8, maxLength: 8 })
  .map(groups => Uint8Array.from(groups.flat()));
const format = (address: Uint8Array) => formatAddress(address, 0, address.length);

describe('addresses', () => {
  test('of both families are read from the text they are written as', () => {
    fc.assert(
      fc.property(fc.oneof(bytes(4), bytes6), address => {
        expect(parseAddress(format(address))).toEqual(address);
      }),
    );
  });

  test('are written as the URL standard writes them', () => {
    const isMapped = (address: Uint8Array) => format(address).startsWith('::ffff:') && format(address).includes('.');
    fc.assert(
      fc.property(
        bytes6.filter(address => !isMapped(address)),
        address => {
          expect(`[${format(address)}]`).toBe(new URL(`http://[${format(address)}]`).hostname);
        },
      ),
    );
  });

  test.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8::A', '2001:db8::a'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('as RFC 5952 recommends: %s is %s', (text, canonical) => expect(format(parseAddress(text))).toBe(canonical));

  test('are text that Node takes for an address, and no other text is', () => {
    const pieces = fc.constantFrom(
      '0',
      '1',
      '01',
      '255',
      '256',
      'ff',
      'g',
      '12345',
      '.',
      ':',
      '::',
      ' ',
      '-1',
      '1.2.3.4',
    );
    const text = fc.array(pieces, { maxLength: 17 }).map(parts => parts.join(''));
    // About as many groups as an address has, with "::" at any place or at several.
    const group = fc.constantFrom('0', '1', 'ff', '', '1.2.3.4');
    const groups = fc.array(group, { minLength: 6, maxLength: 10 }).map(parts => parts.join(':'));
    fc.assert(
      fc.property(fc.oneof(text, groups, fc.string(), fc.ipV4(), fc.ipV6()), candidate => {
        let length = 0;
        try {
          length = parseAddress(candidate).length;
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(length).toBe({ 0: 0, 4: 4, 6: 16 }[isIP(candidate)]);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ...['fe80::1%eth0', '127.1', '010.0.0.1', '0x7f.0.0.1', '1.2.3.4/8', '1.2.3.4::', ''],
    ...['1:2:3:4:5:6:7::8', '1:2:3:4:5:6:7:1.2.3.4', '1:2:3:4:5:6:7:8:9'],
  ])('are not %j', text => expect(() => parseAddress(text)).toThrow(`not an IP address: ${JSON.stringify(text)}`));

  test.each([7, undefined, ['::1'], { toString: {} }])('are text, not %j', value =>
    expect(() => parseAddress(value as never)).toThrow(/^not an IP address: /),
  );

  test('have 4 or 16 bytes', () =>
    expect(() => formatAddress(new Uint8Array(6), 0, 6)).toThrow('an IP address has 4 or 16 bytes, not 6'));
});

describe('link-layer addresses', () => {
  test('of any length are read from the text they are written as', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), address => {
        expect(parseLinkAddress(formatLinkAddress(address, 0, address.length))).toEqual(address);
      }),
    );
  });

  test('are written with two lower-case digits per byte', () =>
    expect(formatLinkAddress(Uint8Array.of(2, 0, 0x5e, 0x10, 0xff, 1), 0, 6)).toBe('02:00:5e:10:ff:01'));

  test.each(['', '2:0:5e:10:0:1', '02-00-5e-10-00-01', '02:00:5e:10:00:0g', '02:', ':02'])('are not %j', text =>
    expect(() => parseLinkAddress(text)).toThrow('not a link-layer address'),
  );
});

test('addresses that begin alike, or take the place of each other, each have their own text', () => {
  // More prefixes than the cache has slots.
  const all = Array.from({ length: 4096 }, (_, i) => Uint8Array.of(i >> 8, i & 255, (i * 7) & 255, i & 255));
  for (let round = 0; round < 2; round++)
    for (const bytes of all) expect(formatAddress(bytes, 0, 4)).toBe(bytes.join('.'));
});
