import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefixes, ranges } from '../test/arbitraries.ts';
import { Address } from './address.ts';
import { Prefix } from './prefix.ts';
import { Range } from './range.ts';
import { aggregate, merge, subtract } from './sets.ts';
import type { Span } from './span.ts';

const parse = (...texts: string[]) => texts.map(text => Prefix.parse(text));

// Small spans at the end of IPv4 and at the beginning of IPv6, so that a set of texts can model them completely.
const corner = fc.constantFrom(Address.parse('255.255.255.224'), Address.parse('::'));
const smallRanges = fc.tuple(corner, fc.nat({ max: 31 }), fc.nat({ max: 31 })).map(([base, a, b]) => {
  const [first, last] = [Math.min(a, b), Math.max(a, b)].map(n =>
    Address.fromBigInt(base.toBigInt() + BigInt(n), base.family),
  );
  return Range.of(first!, last!);
});
const smallPrefixes = fc
  .tuple(corner, fc.nat({ max: 31 }), fc.nat({ max: 5 }))
  .map(([base, n, bits]) => Prefix.of(Address.fromBigInt(base.toBigInt() + BigInt(n), base.family), base.bits - bits));
const smallSpans = fc.array(fc.oneof<fc.Arbitrary<Span>[]>(smallRanges, smallPrefixes), { maxLength: 8 });

const model = (spans: Iterable<Span>) => new Set([...spans].flatMap(span => [...span.addresses()].map(String)));

/** True if the spans are in order and no two of them overlap. */
const inOrder = (spans: readonly Span[]) =>
  spans.every((span, i) => i === 0 || spans[i - 1]!.last.compare(span.first) < 0);

describe('merge', () => {
  test('keeps the addresses', () => {
    fc.assert(
      fc.property(smallSpans, spans => {
        expect(model(merge(spans))).toEqual(model(spans));
      }),
    );
  });

  test('leaves a gap between any two ranges', () => {
    fc.assert(
      fc.property(fc.oneof(smallSpans, fc.array(fc.oneof<fc.Arbitrary<Span>[]>(ranges, prefixes))), spans => {
        const merged = merge(spans);
        expect(inOrder(merged)).toBe(true);
        for (const [i, range] of merged.entries())
          if (i > 0) expect(merged[i - 1]!.last.next()).not.toEqual(range.first);
      }),
    );
  });

  test('joins neighbours and what overlaps, but not the families', () => {
    const spans = [Range.parse('10.0.0.5-10.0.0.9'), ...parse('::/0', '10.0.0.10/31', '0.0.0.0/32', '255.0.0.0/8')];
    expect(merge(spans).map(String)).toEqual([
      '0.0.0.0-0.0.0.0',
      '10.0.0.5-10.0.0.11',
      '255.0.0.0-255.255.255.255',
      '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ]);
  });
});

describe('aggregate', () => {
  test('of nothing is nothing', () => {
    expect(aggregate([])).toEqual([]);
  });

  test('joins halves, drops what is contained, and sorts', () => {
    expect(
      aggregate(parse('10.0.2.0/24', 'fd00::/8', '10.0.0.0/24', '10.0.1.0/24', '10.0.0.7/32')).map(String),
    ).toEqual(['10.0.0.0/23', '10.0.2.0/24', 'fd00::/8']);
  });

  test('keeps the addresses', () => {
    fc.assert(
      fc.property(smallSpans, spans => {
        expect(model(aggregate(spans))).toEqual(model(spans));
      }),
    );
  });

  test('leaves no two prefixes that one could replace', () => {
    fc.assert(
      fc.property(fc.oneof(smallSpans, fc.array(prefixes)), spans => {
        const aggregated = aggregate(spans);
        expect(inOrder(aggregated)).toBe(true);
        for (const [i, prefix] of aggregated.entries()) {
          const next = aggregated[i + 1];
          expect(next?.length === prefix.length && prefix.parent?.contains(next) === true).toBe(false);
        }
      }),
    );
  });
});

describe('subtract', () => {
  test('cuts an address out of a prefix', () => {
    expect(subtract(parse('10.0.0.0/29'), parse('10.0.0.3/32')).map(String)).toEqual([
      '10.0.0.0/31',
      '10.0.0.2/32',
      '10.0.0.4/30',
    ]);
  });

  test('leaves the addresses of the first that are not in the second', () => {
    fc.assert(
      fc.property(smallSpans, smallSpans, (from, spans) => {
        const gone = model(spans);
        const left = subtract(from, spans);
        expect(model(left)).toEqual(new Set([...model(from)].filter(address => !gone.has(address))));
        expect(left).toEqual(aggregate(left));
      }),
    );
  });

  test('leaves all when nothing is subtracted, and nothing when all is', () => {
    const all = parse('0.0.0.0/0', '::/0');
    fc.assert(
      fc.property(fc.array(prefixes), spans => {
        expect(subtract(spans, [])).toEqual(aggregate(spans));
        expect(subtract(spans, all)).toEqual([]);
        expect(aggregate([...subtract(all, spans), ...spans])).toEqual(all);
      }),
    );
  });
});
