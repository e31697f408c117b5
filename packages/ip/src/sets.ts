// Operations on sets of addresses. A set is given as prefixes and ranges of both families, in any order; they may overlap.
import type { Address } from './address.ts';
import type { Prefix } from './prefix.ts';
import { Range } from './range.ts';
import type { Span } from './span.ts';

/** The fewest ranges that together contain exactly the addresses of `spans`, in order. */
export function merge(spans: Iterable<Span>): Range[] {
  const merged: Range[] = [];
  const [head, ...tail] = [...spans].sort((a, b) => a.compare(b));
  if (head === undefined) return merged;
  let { first, last } = head;
  for (const span of tail) {
    const isSeparate = span.first.compare(last) > 0 && !last.next()?.equals(span.first);
    if (isSeparate) {
      merged.push(Range.of(first, last));
      ({ first, last } = span);
    } else if (span.last.compare(last) > 0) {
      last = span.last;
    }
  }
  merged.push(Range.of(first, last));
  return merged;
}

/** The fewest prefixes that together contain exactly the addresses of `spans`, in order. */
export function aggregate(spans: Iterable<Span>): Prefix[] {
  return merge(spans).flatMap(range => [...range.prefixes()]);
}

/** The fewest prefixes that together contain exactly the addresses of `from` that are not in `spans`, in order. */
export function subtract(from: Iterable<Span>, spans: Iterable<Span>): Prefix[] {
  const holes = merge(spans);
  const left: Prefix[] = [];
  let next = 0;
  for (const range of merge(from)) {
    let first: Address | undefined = range.first;
    while (next < holes.length && holes[next]!.last.compare(first) < 0) next++;
    for (let i = next; first && i < holes.length && holes[i]!.first.compare(range.last) <= 0; i++) {
      const hole = holes[i]!;
      if (first.compare(hole.first) < 0) left.push(...Range.of(first, hole.first.previous()!).prefixes());
      first = hole.last.next();
    }
    if (first && first.compare(range.last) <= 0) left.push(...Range.of(first, range.last).prefixes());
  }
  return left;
}
