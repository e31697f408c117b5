import { Address } from './address.ts';
import { familyName } from './family.ts';
import { Prefix } from './prefix.ts';
import { Span } from './span.ts';
import { ParseError } from './text/parse-error.ts';

/** All addresses from a first to a last one of the same family. Immutable. */
export class Range extends Span {
  readonly first: Address;
  readonly last: Address;

  private constructor(first: Address, last: Address) {
    super();
    this.first = first;
    this.last = last;
    Object.freeze(this);
  }

  /**
   * Parses `first-last`.
   *
   * @throws ParseError the text does not have this form, the families differ, or the last address is before the first
   */
  static parse(text: string): Range {
    const hyphen = text.indexOf('-');
    if (hyphen < 0) throw new ParseError('IP range', text, 'it has no "-" between two addresses');
    const first = Address.parse(text.slice(0, hyphen));
    const last = Address.parse(text.slice(hyphen + 1));
    const flaw = flawOf(first, last);
    if (flaw !== undefined) throw new ParseError('IP range', text, flaw);
    return new Range(first, last);
  }

  /**
   * The range from `first` to `last`, both included.
   *
   * @throws RangeError the families differ, or the last address is before the first
   */
  static of(first: Address, last: Address): Range {
    const flaw = flawOf(first, last);
    if (flaw !== undefined) throw new RangeError(`no range from ${first} to ${last}: ${flaw}`);
    return new Range(first, last);
  }

  /**
   * The addresses of `prefix` that hosts may have: for IPv4 without the network and the broadcast address (RFC 1122
   * section 3.2.1.3), for IPv6 without the subnet-router anycast address (RFC 4291 section 2.6.1). Point-to-point links
   * (/31, RFC 3021; /127, RFC 6164) and host prefixes keep all addresses.
   */
  static ofHosts(prefix: Prefix): Range {
    const { first, last } = prefix;
    if (prefix.length >= first.bits - 1) return new Range(first, last);
    return new Range(first.next()!, prefix.broadcast ? last.previous()! : last);
  }

  /** The fewest prefixes that together contain exactly these addresses, in order. */
  *prefixes(): Generator<Prefix, undefined> {
    const { last } = this;
    for (let first: Address | undefined = this.first; first && first.compare(last) <= 0; ) {
      const prefix = largestPrefix(first, last);
      yield prefix;
      first = prefix.last.next();
    }
  }

  /** The prefix that contains exactly these addresses; `undefined` if there is none. */
  toPrefix(): Prefix | undefined {
    const prefix = Prefix.of(this.first, this.first.commonBits(this.last));
    return this.equals(prefix) ? prefix : undefined;
  }

  /** `first-last`, such as `10.0.0.5-10.0.0.9`. */
  toString(): string {
    return `${this.first}-${this.last}`;
  }
}

/** The largest prefix that begins at `first` and does not extend beyond `last`. */
function largestPrefix(first: Address, last: Address): Prefix {
  let length = Math.max(first.bits - first.trailingZeros, first.commonBits(last));
  while (first.ceil(length).compare(last) > 0) length++;
  return Prefix.of(first, length);
}

function flawOf(first: Address, last: Address): string | undefined {
  if (first.family !== last.family)
    return `the first address is ${familyName(first.family)}, the last ${familyName(last.family)}`;
  return first.compare(last) > 0 ? 'the last address is before the first' : undefined;
}
