import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addresses, prefixes, ranges } from '../test/arbitraries.ts';
import { Address } from './address.ts';
import { Prefix } from './prefix.ts';
import { Range } from './range.ts';

describe('text', () => {
  test('every range is read back from its text', () => {
    fc.assert(
      fc.property(ranges, range => {
        expect(Range.parse(range.toString())).toEqual(range);
      }),
    );
  });

  test.each([
    ['10.0.0.5', 'not an IP range: "10.0.0.5": it has no "-" between two addresses'],
    ['10.0.0.5-', 'not an IP address: "": it is empty'],
    ['10.0.0.5-9', 'not an IP address: "9": it must be four decimal numbers with dots between them'],
    ['10.0.0.5-10.0.0.4', 'not an IP range: "10.0.0.5-10.0.0.4": the last address is before the first'],
    ['10.0.0.5-::1', 'not an IP range: "10.0.0.5-::1": the first address is IPv4, the last IPv6'],
  ])('%j is no range', (given, message) => {
    expect(() => Range.parse(given)).toThrow(expect.objectContaining({ name: 'ParseError', message }));
  });
});

test('a range needs two addresses of one family in order', () => {
  const [a, b, c] = ['10.0.0.1', '10.0.0.2', '::1'].map(text => Address.parse(text)) as [Address, Address, Address];
  expect(`${Range.of(a, a)}`).toBe('10.0.0.1-10.0.0.1');
  expect(() => Range.of(b, a)).toThrow(
    new RangeError('no range from 10.0.0.2 to 10.0.0.1: the last address is before the first'),
  );
  expect(() => Range.of(a, c)).toThrow(
    new RangeError('no range from 10.0.0.1 to ::1: the first address is IPv4, the last IPv6'),
  );
});

test('a range contains an address exactly if it is not outside its ends', () => {
  fc.assert(
    fc.property(ranges, addresses, (range, address) => {
      const [first, value, last] = [range.first, address, range.last].map(end => end.toBigInt()) as [
        bigint,
        bigint,
        bigint,
      ];
      expect(range.contains(address)).toBe(address.family === range.family && first <= value && value <= last);
    }),
  );
});

test('ranges overlap exactly if one contains an end of the other', () => {
  fc.assert(
    fc.property(ranges, ranges, (a, b) => {
      const touching = a.contains(b.first) || a.contains(b.last) || b.contains(a.first);
      expect(a.overlaps(b)).toBe(touching);
    }),
  );
});

test('the size counts both ends', () => {
  expect(Range.parse('10.0.0.5-10.0.0.9').size).toBe(5n);
  expect(Range.parse('::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff').size).toBe(2n ** 128n);
});

test('addresses are each address, to the very last of the family', () => {
  expect([...Range.parse('10.0.0.255-10.0.1.1').addresses()].map(String)).toEqual([
    '10.0.0.255',
    '10.0.1.0',
    '10.0.1.1',
  ]);
  expect([...Range.parse('255.255.255.254-255.255.255.255').addresses()]).toHaveLength(2);
});

describe('prefixes', () => {
  test('they are exactly the range, and each is the largest that fits there', () => {
    fc.assert(
      fc.property(ranges, range => {
        let expected: Address | undefined = range.first;
        for (const prefix of range.prefixes()) {
          expect(prefix.first).toEqual(expected);
          const { parent } = prefix;
          expect(parent === undefined || !parent.first.equals(prefix.first) || !range.contains(parent)).toBe(true);
          expect(range.contains(prefix)).toBe(true);
          expected = prefix.last.next();
        }
        expect(expected).toEqual(range.last.next());
      }),
    );
  });

  test('a range with odd ends takes several', () => {
    expect([...Range.parse('10.0.0.1-10.0.0.8').prefixes()].map(String)).toEqual([
      '10.0.0.1/32',
      '10.0.0.2/31',
      '10.0.0.4/30',
      '10.0.0.8/32',
    ]);
  });

  test('a range is one prefix exactly if one prefix covers it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          ranges,
          prefixes.map(({ first, last }) => Range.of(first, last)),
        ),
        range => {
          const covering = [...range.prefixes()];
          expect(range.toPrefix()).toEqual(covering.length === 1 ? covering[0] : undefined);
        },
      ),
    );
  });
});

test.each([
  ['10.0.0.0/24', '10.0.0.1-10.0.0.254'],
  ['10.0.0.0/30', '10.0.0.1-10.0.0.2'],
  ['10.0.0.0/31', '10.0.0.0-10.0.0.1'],
  ['10.0.0.7/32', '10.0.0.7-10.0.0.7'],
  ['fd00::/64', 'fd00::1-fd00::ffff:ffff:ffff:ffff'],
  ['fd00::/126', 'fd00::1-fd00::3'],
  ['fd00::/127', 'fd00::-fd00::1'],
  ['fd00::7/128', 'fd00::7-fd00::7'],
])('hosts of %s may have %s', (prefix, range) => {
  expect(`${Range.ofHosts(Prefix.parse(prefix))}`).toBe(range);
});
