import { Address } from './address.ts';
import { type Family, familyName } from './family.ts';
import { Span } from './span.ts';
import { explainAddress } from './text/explain.ts';
import { parseDecimal } from './text/parse.ts';
import { ParseError } from './text/parse-error.ts';

/** An immutable network prefix: all addresses that begin with the same `length` bits. Its host bits are always zero. */
export class Prefix extends Span {
  /** The network address: the first address, whose host bits are zero. */
  readonly network: Address;
  /** Number of leading bits that all addresses share: 0 to 32 or 128. */
  readonly length: number;

  private constructor(network: Address, length: number) {
    super();
    this.network = network;
    this.length = length;
    Object.freeze(this);
  }

  /**
   * Parses `network/length`. Text with host bits, such as `10.1.2.3/24` of an interface, is refused; see
   * {@link InterfaceAddress}.
   *
   * @param family accept only this family
   * @throws ParseError the text does not have this form
   */
  static parse(text: string, family?: Family): Prefix {
    const { address, length } = parseAddressAndLength(text, 'prefix', family);
    const network = address.floor(length);
    if (!network.equals(address))
      throw new ParseError(
        `${familyName(address.family)} prefix`,
        text,
        `host bits are set: the network is ${network}/${length}`,
      );
    return new Prefix(network, length);
  }

  /**
   * The prefix of `length` bits that contains `address`. Without a length it is the host prefix, /32 or /128.
   *
   * @throws RangeError the length is not an integer from 0 to the width of the address
   */
  static of(address: Address, length: number = address.bits): Prefix {
    if (!Number.isInteger(length) || length < 0 || length > address.bits)
      throw new RangeError(
        `the length of an ${familyName(address.family)} prefix must be 0 to ${address.bits}, not ${length}`,
      );
    return new Prefix(address.floor(length), length);
  }

  /** The same as {@link network}. */
  get first(): Address {
    return this.network;
  }

  /** The last address, whose host bits are all one. */
  get last(): Address {
    return this.network.ceil(this.length);
  }

  /** The broadcast address; `undefined` for IPv6, and for IPv4 prefixes of 31 (RFC 3021) and 32 bits, which have none. */
  get broadcast(): Address | undefined {
    return this.family === 4 && this.length < 31 ? this.last : undefined;
  }

  /** The network mask, such as `255.255.255.0`. */
  get mask(): Address {
    return this.network.ceil(0).floor(this.length);
  }

  /** True if the prefix is a single address: /32 or /128. */
  get isHost(): boolean {
    return this.length === this.network.bits;
  }

  /** True for `0.0.0.0/0` and `::/0`. */
  get isDefault(): boolean {
    return this.length === 0;
  }

  override contains(other: Address | Span): boolean {
    if (other instanceof Address) return other.family === this.family && other.commonBits(this.network) >= this.length;
    return super.contains(other);
  }

  /** The prefix that is one bit shorter and contains this one; `undefined` for a default prefix. */
  get parent(): Prefix | undefined {
    return this.isDefault ? undefined : Prefix.of(this.network, this.length - 1);
  }

  /**
   * The prefixes of `length` bits that this one consists of, in order, generated on demand.
   *
   * @throws RangeError the length is shorter than that of this prefix, or longer than an address
   */
  subnets(length: number): Generator<Prefix, undefined> {
    if (length < this.length) throw new RangeError(`${this} has no subnets of ${length} bits`);
    return prefixesWithin(this, Prefix.of(this.network, length));
  }

  /** The next prefix of the same length; `undefined` for the last one. */
  next(): Prefix | undefined {
    const network = this.last.next();
    return network && new Prefix(network, this.length);
  }

  /** The previous prefix of the same length; `undefined` for the first one. */
  previous(): Prefix | undefined {
    const last = this.network.previous();
    return last && Prefix.of(last, this.length);
  }

  /** `network/length`, such as `10.0.0.0/8`. */
  toString(): string {
    return `${this.network}/${this.length}`;
  }
}

function* prefixesWithin(whole: Prefix, first: Prefix): Generator<Prefix, undefined> {
  for (let prefix: Prefix | undefined = first; prefix && whole.contains(prefix.network); prefix = prefix.next())
    yield prefix;
}

/** Parses `address/length`; `what` is the expected form, for the error. */
export function parseAddressAndLength(
  text: string,
  what: string,
  family?: Family,
): { address: Address; length: number } {
  const slash = text.indexOf('/');
  const before = slash < 0 ? text : text.slice(0, slash);
  const address = Address.tryParse(before);
  const failure = (reason: string, of = family) => new ParseError(`${familyName(of)} ${what}`, text, reason);
  if (address === undefined) throw failure(explainAddress(before, family));
  if (family !== undefined && address.family !== family)
    throw failure(`${before} is an ${familyName(address.family)} address`);
  if (slash < 0) throw failure('it has no "/" and length', address.family);
  const length = parseDecimal(text.slice(slash + 1), address.bits);
  if (length === undefined) throw failure(`the length must be 0 to ${address.bits}`, address.family);
  return { address, length };
}
