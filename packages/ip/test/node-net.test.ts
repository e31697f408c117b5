// Compares results with the net module of Node and of Bun.
import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Address, type Span } from '../src/index.ts';
import { addresses, addressesOf, almostAddresses, ipv6Spellings, prefixes, ranges } from './arbitraries.ts';

test('the same texts are addresses of the same family', () => {
  const texts = fc.oneof(
    almostAddresses,
    addresses.map(String),
    ipv6Spellings.map(([, spelling]) => spelling),
  );
  fc.assert(
    fc.property(texts, text => {
      expect(Address.tryParse(text)?.family ?? 0, text).toBe(isIP(text));
    }),
    { numRuns: 2000 },
  );
});

const netFamily = (span: Address | Span) => `ipv${span.family}` as const;

/** A span, and an address that is often in it, at its ends or directly outside. */
function withAddress<S extends Span>(spans: fc.Arbitrary<S>): fc.Arbitrary<readonly [S, Address]> {
  const cases = spans.chain(span => {
    const ends = [span.first.previous(), span.first, span.last, span.last.next()].filter(end => end !== undefined);
    return fc.oneof(fc.constantFrom(...ends), addressesOf(span.family)).map(address => [span, address] as const);
  });
  // For net an IPv4-mapped address equals the IPv4 address in it; here the two differ.
  return cases.filter(([span, address]) => ![span.first, span.last, address].some(end => end.isMapped));
}

test('a prefix contains the same addresses as a subnet of a block list', () => {
  fc.assert(
    fc.property(withAddress(prefixes), ([prefix, address]) => {
      const list = new BlockList();
      list.addSubnet(`${prefix.network}`, prefix.length, netFamily(prefix));
      expect(prefix.contains(address)).toBe(list.check(`${address}`, netFamily(address)));
    }),
    { numRuns: 1000 },
  );
});

test('a range contains the same addresses as a range of a block list', () => {
  fc.assert(
    fc.property(withAddress(ranges), ([range, address]) => {
      const list = new BlockList();
      list.addRange(`${range.first}`, `${range.last}`, netFamily(range));
      expect(range.contains(address)).toBe(list.check(`${address}`, netFamily(address)));
    }),
    { numRuns: 1000 },
  );
});
