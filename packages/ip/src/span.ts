import { Address } from './address.ts';
import type { Family } from './family.ts';
import { Value } from './value.ts';

/** Consecutive addresses of one family: a {@link Prefix} or a {@link Range}. */
export abstract class Span extends Value {
  /** The first address. */
  abstract readonly first: Address;
  /** The last address. */
  abstract readonly last: Address;

  /** The Internet Protocol version: 4 or 6. */
  get family(): Family {
    return this.first.family;
  }

  /** Number of addresses: 1 to 2^32 or 2^128. */
  get size(): bigint {
    return this.last.toBigInt() - this.first.toBigInt() + 1n;
  }

  /** True if this span contains the address, or all addresses of the span. False if the families differ. */
  contains(other: Address | Span): boolean {
    if (other instanceof Address) return this.first.compare(other) <= 0 && other.compare(this.last) <= 0;
    return this.contains(other.first) && this.contains(other.last);
  }

  /** True if any address is in both. False if the families differ. */
  overlaps(other: Span): boolean {
    return this.first.compare(other.last) <= 0 && other.first.compare(this.last) <= 0;
  }

  /** True if both contain the same addresses. */
  equals(other: Span): boolean {
    return this.first.equals(other.first) && this.last.equals(other.last);
  }

  /**
   * Negative, zero or positive if this span sorts before, equal to or after `other`: IPv4 before IPv6, then by first
   * address, then larger spans before the spans that they contain.
   */
  compare(other: Span): number {
    return this.first.compare(other.first) || other.last.compare(this.last);
  }

  /**
   * The addresses in order, generated on demand. This is a method rather than the object's iterator, because comparing or
   * printing a /8 would otherwise visit its sixteen million addresses.
   */
  *addresses(): Generator<Address, undefined> {
    const { last } = this;
    for (let address: Address | undefined = this.first; address; address = address.next()) {
      yield address;
      if (address.equals(last)) return;
    }
  }
}
