// Compares results with Python's ipaddress module. Depending on its version it writes IPv4-mapped addresses in two ways, so
// texts are compared as values, and canonical text is compared only if the versions agree.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Address, aggregate, Prefix, Range, subtract } from '../src/index.ts';
import { addresses, almostAddresses, families, prefixes, prefixesOf, rangesOf } from './arbitraries.ts';
import { assertAgainstPython } from './python-ipaddress.ts';

const toPrefixes = (texts: readonly string[]) => texts.map(text => Prefix.parse(text));

interface PythonAddress {
  readonly text: string;
  readonly bytes: readonly number[];
  readonly isLinkLocal: boolean;
  readonly isLoopback: boolean;
  readonly isMulticast: boolean;
  readonly isUnspecified: boolean;
}

test('the same texts are addresses, and the same ones', () => {
  assertAgainstPython(
    fc.oneof(almostAddresses, addresses.map(String)),
    text => ['address', text],
    (text, answer: PythonAddress | null) => {
      const address = Address.tryParse(text);
      expect(address && [...address.toBytes()], text).toEqual(answer?.bytes);
    },
  );
});

test('canonical texts and kinds are the same', () => {
  assertAgainstPython(
    addresses.filter(address => !address.isMapped),
    address => ['address', `${address}`],
    (address, answer: PythonAddress) => {
      const { isLinkLocal, isLoopback, isMulticast, isUnspecified } = address;
      const bytes = [...address.toBytes()];
      expect({ text: `${address}`, bytes, isLinkLocal, isLoopback, isMulticast, isUnspecified }).toEqual(answer);
    },
  );
});

test('the same texts are prefixes, with the same ends, mask and parent', () => {
  const texts = fc.tuple(
    fc.oneof(
      addresses,
      prefixes.map(prefix => prefix.first),
    ),
    fc.integer({ min: -1, max: 130 }),
  );
  assertAgainstPython(
    fc.oneof(
      prefixes.map(String),
      texts.map(([address, length]) => `${address}/${length}`),
    ),
    text => ['prefix', text],
    (text, answer: { first: string; last: string; mask: string; parent: string | null } | null) => {
      if (answer === null) {
        expect(() => Prefix.parse(text), text).toThrow('not an IP');
        return;
      }
      const { first, last, mask, parent } = Prefix.parse(text);
      expect([first, last, mask]).toEqual([answer.first, answer.last, answer.mask].map(end => Address.parse(end)));
      expect(parent).toEqual(answer.parent === null ? undefined : Prefix.parse(answer.parent));
    },
  );
});

test('containing, overlapping and the order are the same', () => {
  const related = prefixes.chain(prefix =>
    fc.nat({ max: prefix.network.bits }).map(length => [prefix, Prefix.of(prefix.last, length)] as const),
  );
  const pairs = families.chain(family => fc.tuple(prefixesOf(family), prefixesOf(family)));
  assertAgainstPython(
    fc.oneof(related, pairs),
    ([a, b]) => ['pair', `${a}`, `${b}`],
    ([a, b], answer: { contains: boolean; overlaps: boolean; order: number }) => {
      expect({ contains: a.contains(b), overlaps: a.overlaps(b), order: Math.sign(a.compare(b)) }).toEqual(answer);
    },
  );
});

test('the addresses that hosts may have are the same', () => {
  const small = fc
    .tuple(addresses, fc.nat({ max: 8 }))
    .map(([address, bits]) => Prefix.of(address, address.bits - bits));
  assertAgainstPython(
    small,
    prefix => ['hosts', `${prefix}`],
    (prefix, answer: [string, string]) => {
      const { first, last } = Range.ofHosts(prefix);
      expect([first, last]).toEqual(answer.map(text => Address.parse(text)));
    },
  );
});

test('subnets are the same', () => {
  const cases = fc
    .tuple(prefixes, fc.nat({ max: 5 }))
    .map(([prefix, bits]) => ({ prefix, length: Math.min(prefix.length + bits, prefix.network.bits) }));
  assertAgainstPython(
    cases,
    ({ prefix, length }) => ['subnets', `${prefix}`, length],
    ({ prefix, length }, answer: string[]) => {
      expect([...prefix.subnets(length)]).toEqual(toPrefixes(answer));
    },
  );
});

test('the prefixes of a range are the same', () => {
  assertAgainstPython(
    families.chain(rangesOf),
    ({ first, last }) => ['summarize', `${first}`, `${last}`],
    (range, answer: string[]) => {
      expect([...range.prefixes()]).toEqual(toPrefixes(answer));
    },
  );
});

test('aggregating gives the same prefixes', () => {
  // Halves of a few prefixes, so that some of them can be joined.
  const halves = (prefix: Prefix) => (prefix.isHost ? [prefix] : [...prefix.subnets(prefix.length + 1)]);
  const sets = families.chain(family =>
    fc
      .array(prefixesOf(family), { maxLength: 4 })
      .chain(few => fc.subarray(few.flatMap(halves).flatMap(half => [half, ...halves(half)]))),
  );
  assertAgainstPython(
    sets,
    set => ['collapse', ...set.map(String)],
    (set, answer: string[]) => {
      expect(aggregate(set)).toEqual(toPrefixes(answer));
    },
  );
});

test('subtracting a prefix from one that contains it leaves the same prefixes', () => {
  const pairs = prefixes.chain(part =>
    fc.nat({ max: part.length }).map(length => ({ whole: Prefix.of(part.network, length), part })),
  );
  assertAgainstPython(
    pairs,
    ({ whole, part }) => ['exclude', `${whole}`, `${part}`],
    ({ whole, part }, answer: string[]) => {
      expect(subtract([whole], [part])).toEqual(toPrefixes(answer));
    },
  );
});
