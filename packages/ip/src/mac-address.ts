import { Address } from './address.ts';
import type { Bytes } from './bytes.ts';
import type { MacPrefix } from './mac-prefix.ts';
import type { Prefix } from './prefix.ts';
import { formatHexOctets, parseHexOctets } from './text/hex-octets.ts';
import { ParseError } from './text/parse-error.ts';
import { Value } from './value.ts';

/** An immutable MAC address of 48 bits (EUI-48). */
export class MacAddress extends Value {
  // Three octets each, because both engines represent integers of up to 31 bits without a heap object.
  private readonly high: number;
  private readonly low: number;

  private constructor(high: number, low: number) {
    super();
    this.high = high;
    this.low = low;
    Object.freeze(this);
  }

  /**
   * Parses six pairs of hexadecimal digits with ":" or with "-" between them.
   *
   * @throws ParseError the text does not have this form
   */
  static parse(text: string): MacAddress {
    const octets = parseHexOctets(text, 6);
    if (octets === undefined)
      throw new ParseError(
        'MAC address',
        text,
        'it must be six pairs of hexadecimal digits with ":" or "-" between them',
      );
    return MacAddress.fromBytes(octets);
  }

  /**
   * The address with these bytes, in transmission order.
   * @throws RangeError there are not 6 bytes
   */
  static fromBytes(bytes: ArrayLike<number>): MacAddress {
    if (bytes.length !== 6) throw new RangeError(`a MAC address has 6 bytes, not ${bytes.length}`);
    return new MacAddress(threeOctets(bytes, 0), threeOctets(bytes, 3));
  }

  /** The two octets of `prefix`, followed by the last four octets of `address`. */
  static fromAddress(prefix: MacPrefix, address: Address): MacAddress {
    const bytes = address.toBytes();
    const last = bytes.length - 4;
    return new MacAddress((prefix.first << 16) | (prefix.second << 8) | bytes[last]!, threeOctets(bytes, last + 1));
  }

  /**
   * The MAC address that {@link toEui64Address} made an IPv6 address from; `undefined` if the address has no such form.
   */
  static fromEui64Address(address: Address): MacAddress | undefined {
    const bytes = address.toBytes();
    if (bytes[11] !== 0xff || bytes[12] !== 0xfe) return undefined;
    return new MacAddress(threeOctets(bytes, 8) ^ universalLocalBit, threeOctets(bytes, 13));
  }

  /** True for broadcast and multicast addresses: bit 0x01 of the first octet (I/G, IEEE 802) is 1. */
  get isMulticast(): boolean {
    return (this.high & 0x010000) !== 0;
  }

  /** True if the address was not assigned by a manufacturer: bit 0x02 of the first octet (U/L, IEEE 802) is 1. */
  get isLocallyAdministered(): boolean {
    return (this.high & universalLocalBit) !== 0;
  }

  /** The link-local IPv6 address of this interface: `fe80::/64` with the modified EUI-64 (RFC 2464 section 5). */
  toLinkLocal(): Address {
    const bytes = new Uint8Array(16);
    bytes[0] = 0xfe;
    bytes[1] = 0x80;
    return this.withInterfaceIdentifier(bytes);
  }

  /**
   * The IPv6 address in `prefix` with the modified EUI-64 of this address as interface identifier (RFC 4291 appendix A).
   * @throws RangeError the prefix is not IPv6, or longer than 64 bits
   */
  toEui64Address(prefix: Prefix): Address {
    if (prefix.family !== 6 || prefix.length > 64)
      throw new RangeError(`${prefix} has no room for an interface identifier of 64 bits`);
    return this.withInterfaceIdentifier(prefix.network.toBytes());
  }

  private withInterfaceIdentifier(bytes: Uint8Array): Address {
    this.writeBytes(bytes, 8);
    bytes.copyWithin(13, 11, 14);
    bytes[8]! ^= universalLocalBit >>> 16;
    bytes[11] = 0xff;
    bytes[12] = 0xfe;
    return Address.fromBytes(bytes);
  }

  /** A new array of the six bytes, in transmission order. */
  toBytes(): Bytes {
    const bytes = new Uint8Array(6);
    this.writeBytes(bytes, 0);
    return bytes;
  }

  /** Writes the six bytes in transmission order to `target`, starting at `offset`. */
  writeBytes(target: Uint8Array, offset: number): void {
    const { high, low } = this;
    target[offset] = high >>> 16;
    target[offset + 1] = high >>> 8;
    target[offset + 2] = high;
    target[offset + 3] = low >>> 16;
    target[offset + 4] = low >>> 8;
    target[offset + 5] = low;
  }

  /** True if both are the same address. */
  equals(other: MacAddress): boolean {
    return this.low === other.low && this.high === other.high;
  }

  /** Lower case with colons: `0a:1b:00:00:00:01`. */
  toString(): string {
    const { high, low } = this;
    return formatHexOctets([high >>> 16, (high >>> 8) & 255, high & 255, low >>> 16, (low >>> 8) & 255, low & 255]);
  }
}

/** The U/L bit, which the modified EUI-64 inverts. */
const universalLocalBit = 0x020000;

function threeOctets(bytes: ArrayLike<number>, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
}
