import type { Address } from './address.ts';
import type { Family } from './family.ts';
import { Prefix, parseAddressAndLength } from './prefix.ts';
import { Value } from './value.ts';

/**
 * An immutable address with the prefix of its link, as in the address of an interface or in a CNI result: `10.1.2.3/24`.
 */
export class InterfaceAddress extends Value {
  /** The interface's own address. */
  readonly address: Address;
  /** The prefix of the link, which contains the address. */
  readonly prefix: Prefix;

  private constructor(address: Address, prefix: Prefix) {
    super();
    this.address = address;
    this.prefix = prefix;
    Object.freeze(this);
  }

  /**
   * Parses `address/length`.
   *
   * @param family accept only this family
   * @throws ParseError the text does not have this form
   */
  static parse(text: string, family?: Family): InterfaceAddress {
    const { address, length } = parseAddressAndLength(text, 'interface address', family);
    return InterfaceAddress.of(address, length);
  }

  /**
   * The address on a link whose prefix has `length` bits. Without a length the prefix is /32 or /128.
   *
   * @throws RangeError the length is not an integer from 0 to the width of the address
   */
  static of(address: Address, length?: number): InterfaceAddress {
    return new InterfaceAddress(address, Prefix.of(address, length));
  }

  /** The Internet Protocol version: 4 or 6. */
  get family(): Family {
    return this.address.family;
  }

  /** True if both have the same address and prefix length. */
  equals(other: InterfaceAddress): boolean {
    return this.prefix.length === other.prefix.length && this.address.equals(other.address);
  }

  /** `address/length`, e.g. `10.1.2.3/24`. */
  toString(): string {
    return `${this.address}/${this.prefix.length}`;
  }
}
