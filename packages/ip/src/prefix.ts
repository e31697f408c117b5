import { Address } from './address.ts';
import { explainAddress } from './address-text.ts';
import { type Family, familyName } from './family.ts';
import { ParseError } from './parse-error.ts';

/** A network prefix: all addresses that begin with the same `length` bits. Immutable; host bits are always zero. */
export class Prefix {
  /** The first address. */
  readonly network: Address;
  /** The number of leading bits that all addresses share: 0 to 32 or 128. */
  readonly length: number;

  private constructor(network: Address, length: number) {
    this.network = network;
    this.length = length;
  }

  /**
   * Reads `network/length`. For text with host bits, such as an interface's `10.1.2.3/24`, see {@link InterfaceAddress}.
   *
   * @param family accept only this family
   * @throws ParseError if the text is anything else, or has host bits set
   */
  static parse(text: string, family?: Family): Prefix {
    const [address, length] = parseAddressAndLength(text, 'prefix', family);
    const network = address.first(length);
    if (!network.equals(address))
      throw new ParseError(
        `${familyName(address.family)} prefix`,
        text,
        `host bits are set: the network is ${network}/${length}`,
      );
    return new Prefix(network, length);
  }

  /**
   * The prefix of `length` bits that contains `address`; without a length the host prefix, /32 or /128.
   *
   * @throws RangeError if the length is not an integer from 0 to the width of the address
   */
  static of(address: Address, length: number = address.bits): Prefix {
    if (!Number.isInteger(length) || length < 0 || length > address.bits)
      throw new RangeError(
        `the length of an ${familyName(address.family)} prefix must be 0 to ${address.bits}, not ${length}`,
      );
    return new Prefix(address.first(length), length);
  }

  /** The Internet Protocol version, 4 or 6. */
  get family(): Family {
    return this.network.family;
  }

  /** The first address; the same as {@link Prefix.network}. */
  get first(): Address {
    return this.network;
  }

  /** The last address. */
  get last(): Address {
    return this.network.last(this.length);
  }

  /** True if the prefix is one address: /32 or /128. */
  get isHost(): boolean {
    return this.length === this.network.bits;
  }

  /** True for `0.0.0.0/0` and `::/0`. */
  get isDefault(): boolean {
    return this.length === 0;
  }

  /** True if every address of `other` is in this prefix. Never across families. */
  contains(other: Address | Prefix): boolean {
    if (other instanceof Prefix) return other.length >= this.length && this.contains(other.network);
    return other.family === this.family && this.network.commonBits(other) >= this.length;
  }

  /** True if any address is in both, that is if one contains the other. */
  overlaps(other: Prefix): boolean {
    return this.length <= other.length ? this.contains(other) : other.contains(this);
  }

  /** True if both are the same prefix of the same family. */
  equals(other: Prefix): boolean {
    return this.length === other.length && this.network.equals(other.network);
  }

  /** Sorts by family, then network, then length: a prefix comes before those it contains. */
  compare(other: Prefix): number {
    return this.network.compare(other.network) || this.length - other.length;
  }

  /** `network/length`, e.g. `10.0.0.0/8`. */
  toString(): string {
    return `${this.network}/${this.length}`;
  }

  /** The text, so that a prefix may stand in JSON. */
  toJSON(): string {
    return this.toString();
  }
}

/** Reads `address/length`. */
export function parseAddressAndLength(text: string, expected: string, family?: Family): [Address, number] {
  const slash = text.indexOf('/');
  const before = slash < 0 ? text : text.slice(0, slash);
  const address = Address.tryParse(before);
  const fail = (reason: string, of = family) => new ParseError(`${familyName(of)} ${expected}`, text, reason);
  if (address === undefined) throw fail(explainAddress(before));
  if (family !== undefined && address.family !== family)
    throw fail(`${before} is an ${familyName(address.family)} address`);
  if (slash < 0) throw fail('it has no length', address.family);
  const digits = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > address.bits)
    throw fail(`the length must be 0 to ${address.bits}`, address.family);
  return [address, Number(digits)];
}
