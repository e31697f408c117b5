import type { Bytes } from './bytes.ts';
import { type Family, familyBits, familyName } from './family.ts';
import { explainAddress } from './text/explain.ts';
import { formatGroups, formatOctets } from './text/format.ts';
import { parseGroups, parseOctets } from './text/parse.ts';
import { ParseError } from './text/parse-error.ts';
import { Value } from './value.ts';

/**
 * An immutable IPv4 or IPv6 address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is an IPv6 address, and never equal
 * to the IPv4 address that it contains.
 */
export class Address extends Value {
  /** The Internet Protocol version: 4 or 6. */
  readonly family: Family;
  // The value as four 32-bit words, most significant first; IPv4 uses the last one. The words are signed, because both
  // engines represent signed 32-bit integers without a heap object.
  private readonly a: number;
  private readonly b: number;
  private readonly c: number;
  private readonly d: number;

  private constructor(family: Family, a: number, b: number, c: number, d: number) {
    super();
    this.family = family;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    Object.freeze(this);
  }

  /**
   * Parses an address: four decimal numbers without leading zeros, or any form of RFC 4291 section 2.2. A zone is
   * refused; see {@link ScopedAddress}.
   *
   * @param family accept only this family
   * @throws ParseError the text is not such an address
   */
  static parse(text: string, family?: Family): Address {
    const address = Address.tryParse(text);
    const expected = `${familyName(family)} address`;
    if (address === undefined) throw new ParseError(expected, text, explainAddress(text, family));
    if (family !== undefined && address.family !== family)
      throw new ParseError(expected, text, `it is an ${familyName(address.family)} address`);
    return address;
  }

  /** As {@link Address.parse}, but returns `undefined` if the text is not an address. */
  static tryParse(text: string): Address | undefined {
    if (text.includes(':')) {
      const g = parseGroups(text);
      if (g === undefined) return undefined;
      return new Address(6, (g[0]! << 16) | g[1]!, (g[2]! << 16) | g[3]!, (g[4]! << 16) | g[5]!, (g[6]! << 16) | g[7]!);
    }
    const o = parseOctets(text);
    if (o === undefined) return undefined;
    return new Address(4, 0, 0, 0, (o[0]! << 24) | (o[1]! << 16) | (o[2]! << 8) | o[3]!);
  }

  /**
   * The address with these bytes, in network byte order.
   * @throws RangeError there are not 4 bytes (IPv4) or 16 bytes (IPv6)
   */
  static fromBytes(bytes: Uint8Array): Address {
    if (bytes.length === 4) return new Address(4, 0, 0, 0, readWord(bytes, 0));
    if (bytes.length === 16)
      return new Address(6, readWord(bytes, 0), readWord(bytes, 4), readWord(bytes, 8), readWord(bytes, 12));
    throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`);
  }

  /**
   * The address with this value as an unsigned integer.
   * @throws RangeError the value is negative, or needs more than 32 or 128 bits
   */
  static fromBigInt(value: bigint, family: Family): Address {
    if (value < 0n || value >> BigInt(familyBits(family)) !== 0n)
      throw new RangeError(`${value} is not the value of an ${familyName(family)} address`);
    const word = (shift: bigint) => Number(BigInt.asIntN(32, value >> shift));
    return new Address(family, word(96n), word(64n), word(32n), word(0n));
  }

  /** Width in bits: 32 or 128. */
  get bits(): 32 | 128 {
    return familyBits(this.family);
  }

  /** A new array of the 4 or 16 bytes in network byte order. */
  toBytes(): Bytes {
    const bytes = new Uint8Array(this.bits / 8);
    this.writeBytes(bytes, 0);
    return bytes;
  }

  /** Writes the 4 or 16 bytes in network byte order to `target`, starting at `offset`. */
  writeBytes(target: Uint8Array, offset: number): void {
    let last = offset;
    if (this.family === 6) {
      writeWord(target, offset, this.a);
      writeWord(target, offset + 4, this.b);
      writeWord(target, offset + 8, this.c);
      last += 12;
    }
    writeWord(target, last, this.d);
  }

  /** The value as an unsigned integer of 32 or 128 bits. */
  toBigInt(): bigint {
    const high = (BigInt(this.a >>> 0) << 32n) | BigInt(this.b >>> 0);
    return (((high << 32n) | BigInt(this.c >>> 0)) << 32n) | BigInt(this.d >>> 0);
  }

  /** The canonical text: dotted decimal, or RFC 5952, with IPv4-mapped addresses as `::ffff:192.0.2.1`. */
  toString(): string {
    const { a, b, c, d } = this;
    if (this.family === 4) return formatOctets(d);
    if (this.isMapped) return `::ffff:${formatOctets(d)}`;
    const low = 0xffff;
    return formatGroups([a >>> 16, a & low, b >>> 16, b & low, c >>> 16, c & low, d >>> 16, d & low]);
  }

  /** True if both are the same address of the same family. */
  equals(other: Address): boolean {
    return (
      this.d === other.d &&
      this.c === other.c &&
      this.b === other.b &&
      this.a === other.a &&
      this.family === other.family
    );
  }

  /** Negative, zero or positive if this address sorts before, equal to or after `other`. IPv4 sorts before IPv6. */
  compare(other: Address): number {
    if (this.family !== other.family) return this.family - other.family;
    if (this.a !== other.a) return (this.a >>> 0) - (other.a >>> 0);
    if (this.b !== other.b) return (this.b >>> 0) - (other.b >>> 0);
    if (this.c !== other.c) return (this.c >>> 0) - (other.c >>> 0);
    return (this.d >>> 0) - (other.d >>> 0);
  }

  /** The next address; `undefined` for the last one of the family. */
  next(): Address | undefined {
    const { family, a, b, c, d } = this;
    if (d !== -1) return new Address(family, a, b, c, (d + 1) | 0);
    if (family === 4) return undefined;
    if (c !== -1) return new Address(6, a, b, (c + 1) | 0, 0);
    if (b !== -1) return new Address(6, a, (b + 1) | 0, 0, 0);
    return a === -1 ? undefined : new Address(6, (a + 1) | 0, 0, 0, 0);
  }

  /** The previous address; `undefined` for the first one of the family. */
  previous(): Address | undefined {
    const { family, a, b, c, d } = this;
    if (d !== 0) return new Address(family, a, b, c, (d - 1) | 0);
    if (family === 4) return undefined;
    if (c !== 0) return new Address(6, a, b, (c - 1) | 0, -1);
    if (b !== 0) return new Address(6, a, (b - 1) | 0, -1, -1);
    return a === 0 ? undefined : new Address(6, (a - 1) | 0, -1, -1, -1);
  }

  /** Number of leading bits that both addresses share: 0 to 32 or 128. 0 if the families differ. */
  commonBits(other: Address): number {
    if (this.family !== other.family) return 0;
    if (this.family === 4) return Math.clz32(this.d ^ other.d);
    if (this.a !== other.a) return Math.clz32(this.a ^ other.a);
    if (this.b !== other.b) return 32 + Math.clz32(this.b ^ other.b);
    if (this.c !== other.c) return 64 + Math.clz32(this.c ^ other.c);
    return 96 + Math.clz32(this.d ^ other.d);
  }

  /** Number of zero bits at the end: 0 to 32 or 128. */
  get trailingZeros(): number {
    if (this.d !== 0 || this.family === 4) return trailingZeros(this.d);
    if (this.c !== 0) return 32 + trailingZeros(this.c);
    if (this.b !== 0) return 64 + trailingZeros(this.b);
    return 96 + trailingZeros(this.a);
  }

  /** This address with all bits after the first `length` cleared. */
  floor(length: number): Address {
    const { family, a, b, c, d } = this;
    if (family === 4) return new Address(4, 0, 0, 0, d & mask(length));
    return new Address(6, a & mask(length), b & mask(length - 32), c & mask(length - 64), d & mask(length - 96));
  }

  /** This address with all bits after the first `length` set. */
  ceil(length: number): Address {
    const { family, a, b, c, d } = this;
    if (family === 4) return new Address(4, 0, 0, 0, d | ~mask(length));
    return new Address(6, a | ~mask(length), b | ~mask(length - 32), c | ~mask(length - 64), d | ~mask(length - 96));
  }

  /** True for an IPv4-mapped IPv6 address, `::ffff:0:0/96` (RFC 4291 section 2.5.5.2). */
  get isMapped(): boolean {
    return this.family === 6 && this.a === 0 && this.b === 0 && this.c === 0xffff;
  }

  /** The IPv4-mapped IPv6 address of an IPv4 address; an IPv6 address is returned unchanged. */
  toMapped(): Address {
    return this.family === 4 ? new Address(6, 0, 0, 0xffff, this.d) : this;
  }

  /** The IPv4 address in an IPv4-mapped IPv6 address; any other address is returned unchanged. */
  toUnmapped(): Address {
    return this.isMapped ? new Address(4, 0, 0, 0, this.d) : this;
  }

  /** True for `0.0.0.0` and `::`. */
  get isUnspecified(): boolean {
    return (this.a | this.b | this.c | this.d) === 0;
  }

  /** True for `127.0.0.0/8` (RFC 1122 section 3.2.1.3) and `::1` (RFC 4291 section 2.5.3). */
  get isLoopback(): boolean {
    return this.family === 4 ? this.d >>> 24 === 127 : this.d === 1 && (this.a | this.b | this.c) === 0;
  }

  /** True for `169.254.0.0/16` (RFC 3927) and `fe80::/10` (RFC 4291 section 2.5.6). */
  get isLinkLocal(): boolean {
    return this.family === 4 ? this.d >>> 16 === 0xa9fe : this.a >>> 22 === 0xfe80 >>> 6;
  }

  /** True for `224.0.0.0/4` (RFC 5771) and `ff00::/8` (RFC 4291 section 2.7). */
  get isMulticast(): boolean {
    return this.family === 4 ? this.d >>> 28 === 0xe : this.a >>> 24 === 0xff;
  }
}

/** The mask of the first `length` bits of a word. A length below 0 counts as 0, a length above 32 as 32. */
function mask(length: number): number {
  if (length <= 0) return 0;
  return length >= 32 ? -1 : -1 << (32 - length);
}

function trailingZeros(word: number): number {
  return word === 0 ? 32 : 31 - Math.clz32(word & -word);
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function writeWord(target: Uint8Array, at: number, word: number): void {
  target[at] = word >>> 24;
  target[at + 1] = word >>> 16;
  target[at + 2] = word >>> 8;
  target[at + 3] = word;
}
