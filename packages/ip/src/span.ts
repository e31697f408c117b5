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

  /** The number of addresses: 1 to 2^32 or 2^128. */
  get size(): bigint {
    return this.last.toBigInt() - this.first.toBigInt() + 1n;
  }

  /** True if the address, or every address of the span, is in this one. Never across families. */
  contains(other: Address | Span): boolean {
    if (other instanceof Address) return this.first.compare(other) <= 0 && other.compare(this.last) <= 0;
    return this.contains(other.first) && this.contains(other.last);
  }

  /** True if any address is in both. Never across families. */
  overlaps(other: Span): boolean {
    return this.first.compare(other.last) <= 0 && other.first.compare(this.last) <= 0;
  }

  /** True if both have the same addresses. */
  equals(other: Span): boolean {
    return this.first.equals(other.first) && this.last.equals(other.last);
  }

  /**
   * Negative, zero or positive as this span sorts before, with or after `other`: IPv4 before IPv6, then by first address,
   * then the larger before what it contains.
   */
  compare(other: Span): number {
    return this.first.compare(other.first) || other.last.compare(this.last);
  }

  /** Each address in order. A method, lest comparing or printing a /8 visits sixteen million of them. */
  *addresses(): Generator<Address, undefined> {
    const { last } = this;
    for (let address: Address | undefined = this.first; address; address = address.next()) {
      yield address;
      if (address.equals(last)) return;
    }
  }
}
