import type { Address } from './address.ts';
import type { Family } from './family.ts';
import { Prefix, parseAddressAndLength } from './prefix.ts';

/** An address together with the prefix it stands in, as an interface or a CNI result has it: `10.1.2.3/24`. Immutable. */
export class InterfaceAddress {
  readonly address: Address;
  /** The prefix of the link, without host bits. */
  readonly prefix: Prefix;

  private constructor(address: Address, prefix: Prefix) {
    this.address = address;
    this.prefix = prefix;
  }

  /**
   * Reads `address/length`.
   *
   * @param family accept only this family
   * @throws ParseError if the text is anything else
   */
  static parse(text: string, family?: Family): InterfaceAddress {
    return InterfaceAddress.of(...parseAddressAndLength(text, 'interface address', family));
  }

  /**
   * The address with a prefix of `length` bits around it; without a length its host prefix, /32 or /128.
   *
   * @throws RangeError if the length is not an integer from 0 to the width of the address
   */
  static of(address: Address, length?: number): InterfaceAddress {
    return new InterfaceAddress(address, Prefix.of(address, length));
  }

  /** The Internet Protocol version, 4 or 6. */
  get family(): Family {
    return this.address.family;
  }

  /** True if address and prefix length are the same. */
  equals(other: InterfaceAddress): boolean {
    return this.prefix.length === other.prefix.length && this.address.equals(other.address);
  }

  /** `address/length`, e.g. `10.1.2.3/24`. */
  toString(): string {
    return `${this.address}/${this.prefix.length}`;
  }

  /** The text, so that the value may stand in JSON. */
  toJSON(): string {
    return this.toString();
  }
}
