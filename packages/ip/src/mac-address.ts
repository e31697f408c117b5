import { Address } from './address.ts';
import { ParseError } from './parse-error.ts';

const colons = /^[\da-f]{2}(?::[\da-f]{2}){5}$/i;
const hyphens = /^[\da-f]{2}(?:-[\da-f]{2}){5}$/i;
const shortPrefix = /^([\da-f]{2})[:-]([\da-f]{2})$/i;

/** A 48-bit MAC address (EUI-48). Immutable. */
export class MacAddress {
  // Three octets each, so that both are small integers.
  private readonly high: number;
  private readonly low: number;

  private constructor(high: number, low: number) {
    this.high = high;
    this.low = low;
  }

  /**
   * Reads six pairs of hexadecimal digits with colons or hyphens between them.
   *
   * @throws ParseError if the text is anything else
   */
  static parse(text: string): MacAddress {
    if (!colons.test(text) && !hyphens.test(text))
      throw new ParseError(
        'MAC address',
        text,
        'it must be six pairs of hexadecimal digits with ":" or "-" between them',
      );
    return MacAddress.fromBytes(Uint8Array.from(text.split(text[2]!), pair => Number.parseInt(pair, 16)));
  }

  /**
   * The MAC address in the order of transmission in `bytes`.
   *
   * @throws RangeError unless there are 6 bytes
   */
  static fromBytes(bytes: Uint8Array): MacAddress {
    if (bytes.length !== 6) throw new RangeError(`a MAC address has 6 bytes, not ${bytes.length}`);
    const [a, b, c, d, e, f] = bytes as unknown as [number, number, number, number, number, number];
    return new MacAddress((a << 16) | (b << 8) | c, (d << 16) | (e << 8) | f);
  }

  /** The two octets of `prefix` followed by the last four octets of `address`. */
  static fromAddress(prefix: MacPrefix, address: Address): MacAddress {
    const bytes = new Uint8Array(6);
    bytes[0] = prefix.first;
    bytes[1] = prefix.second;
    bytes.set(address.toBytes().subarray(-4), 2);
    return MacAddress.fromBytes(bytes);
  }

  /** True if the address names a group: the lowest bit of the first octet (I/G, IEEE 802) is 1. */
  get isMulticast(): boolean {
    return (this.high & 0x010000) !== 0;
  }

  /** True if the address was not assigned by the IEEE: bit 0x02 of the first octet (U/L, IEEE 802) is 1. */
  get isLocal(): boolean {
    return (this.high & 0x020000) !== 0;
  }

  /** The IPv6 link-local address made of `fe80::/64` and the modified EUI-64 (RFC 4291 appendix A, RFC 2464 section 4). */
  toLinkLocal(): Address {
    const [a, b, c, d, e, f] = this.toBytes() as unknown as [number, number, number, number, number, number];
    return Address.fromBytes(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f));
  }

  /** A new array of the six bytes in the order of transmission. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const { high, low } = this;
    return Uint8Array.of(high >>> 16, high >>> 8, high, low >>> 16, low >>> 8, low);
  }

  /** True if both are the same address. */
  equals(other: MacAddress): boolean {
    return this.low === other.low && this.high === other.high;
  }

  /** Lower case with colons, e.g. `0a:1b:00:00:00:01`. */
  toString(): string {
    const digits = (this.high * 0x1000000 + this.low).toString(16).padStart(12, '0');
    return digits.replace(/(..)(?!$)/g, '$1:');
  }

  /** The text, so that a MAC address may stand in JSON. */
  toJSON(): string {
    return this.toString();
  }
}

/** The first two octets of MAC addresses that are made from IP addresses. Immutable, and always unicast. */
export class MacPrefix {
  readonly first: number;
  readonly second: number;

  private constructor(first: number, second: number) {
    this.first = first;
    this.second = second;
  }

  /**
   * Reads two pairs of hexadecimal digits with a colon or a hyphen between them, e.g. `0a:1b`.
   *
   * @throws ParseError if the text is anything else, or would make multicast addresses
   */
  static parse(text: string): MacPrefix {
    const octets = shortPrefix.exec(text);
    if (octets === null)
      throw new ParseError(
        'MAC prefix',
        text,
        'it must be two pairs of hexadecimal digits with ":" or "-" between them',
      );
    const first = Number.parseInt(octets[1]!, 16);
    if (first & 1)
      throw new ParseError(
        'MAC prefix',
        text,
        `bit 0x01 of ${octets[1]} makes a multicast address: the first octet must be even`,
      );
    return new MacPrefix(first, Number.parseInt(octets[2]!, 16));
  }

  /** Lower case with a colon, e.g. `0a:1b`. */
  toString(): string {
    return ((this.first << 8) | this.second).toString(16).padStart(4, '0').replace(/^../, '$&:');
  }
}
