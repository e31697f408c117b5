import { explainAddress, formatGroups, parseGroups, parseOctets } from './address-text.ts';
import { type Family, familyBits, familyName } from './family.ts';
import { ParseError } from './parse-error.ts';

/**
 * An IPv4 or IPv6 address. Immutable. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is an IPv6 address and never
 * equal to the IPv4 address in it.
 */
export class Address {
  /** The Internet Protocol version, 4 or 6. */
  readonly family: Family;
  // The value as four 32-bit words, most significant first, IPv4 in the last one. Signed, because both engines keep
  // signed 32-bit integers without a heap object.
  private readonly a: number;
  private readonly b: number;
  private readonly c: number;
  private readonly d: number;

  private constructor(family: Family, a: number, b: number, c: number, d: number) {
    this.family = family;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /**
   * Reads an address: four decimal numbers without leading zeros, or any of the forms of RFC 4291 section 2.2.
   * Zones are refused; see {@link parseScopedAddress}.
   *
   * @param family accept only this family
   * @throws ParseError if the text is anything else
   */
  static parse(text: string, family?: Family): Address {
    const address = Address.tryParse(text);
    if (address === undefined) throw new ParseError(`${familyName(family)} address`, text, explainAddress(text));
    if (family !== undefined && address.family !== family)
      throw new ParseError(`${familyName(family)} address`, text, `it is an ${familyName(address.family)} address`);
    return address;
  }

  /** As {@link Address.parse}, but `undefined` when the text is not an address. */
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
   * The address in network byte order in `bytes`.
   *
   * @throws RangeError unless there are 4 bytes (IPv4) or 16 (IPv6)
   */
  static fromBytes(bytes: Uint8Array): Address {
    if (bytes.length === 4) return new Address(4, 0, 0, 0, readWord(bytes, 0));
    if (bytes.length === 16)
      return new Address(6, readWord(bytes, 0), readWord(bytes, 4), readWord(bytes, 8), readWord(bytes, 12));
    throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  }

  /**
   * The address whose value as an unsigned integer is `value`.
   *
   * @throws RangeError if the value does not fit the family
   */
  static fromBigInt(value: bigint, family: Family): Address {
    if (value < 0n || value >> BigInt(familyBits(family)) !== 0n)
      throw new RangeError(`${value} is not the value of an ${familyName(family)} address`);
    const word = (shift: bigint) => Number(BigInt.asIntN(32, value >> shift));
    return new Address(family, word(96n), word(64n), word(32n), word(0n));
  }

  /** The width in bits: 32 or 128. */
  get bits(): 32 | 128 {
    return familyBits(this.family);
  }

  /** A new array of the 4 or 16 bytes in network byte order. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(new ArrayBuffer(this.bits / 8));
    this.writeBytes(bytes, 0);
    return bytes;
  }

  /** Writes the 4 or 16 bytes in network byte order into `target` at `offset`. */
  writeBytes(target: Uint8Array, offset = 0): void {
    let at = offset;
    if (this.family === 6) {
      writeWord(target, at, this.a);
      writeWord(target, at + 4, this.b);
      writeWord(target, at + 8, this.c);
      at += 12;
    }
    writeWord(target, at, this.d);
  }

  /** The value as an unsigned integer of 32 or 128 bits. */
  toBigInt(): bigint {
    const high = (BigInt(this.a >>> 0) << 32n) | BigInt(this.b >>> 0);
    return (((high << 32n) | BigInt(this.c >>> 0)) << 32n) | BigInt(this.d >>> 0);
  }

  /** The canonical text: dotted decimal, or RFC 5952 (IPv4-mapped as `::ffff:192.0.2.1`). */
  toString(): string {
    const { a, b, c, d } = this;
    if (this.family === 4) return formatOctets(d);
    if (this.isMapped) return `::ffff:${formatOctets(d)}`;
    const low = 0xffff;
    return formatGroups([a >>> 16, a & low, b >>> 16, b & low, c >>> 16, c & low, d >>> 16, d & low]);
  }

  /** The canonical text, so that an address may stand in JSON. */
  toJSON(): string {
    return this.toString();
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

  /** Negative, zero or positive as this address sorts before, with or after `other`; IPv4 sorts before IPv6. */
  compare(other: Address): number {
    if (this.family !== other.family) return this.family - other.family;
    if (this.a !== other.a) return (this.a >>> 0) - (other.a >>> 0);
    if (this.b !== other.b) return (this.b >>> 0) - (other.b >>> 0);
    if (this.c !== other.c) return (this.c >>> 0) - (other.c >>> 0);
    return (this.d >>> 0) - (other.d >>> 0);
  }

  /** How many leading bits both addresses share: 0 to 32 or 128, and 0 if the families differ. */
  commonBits(other: Address): number {
    if (this.family !== other.family) return 0;
    if (this.family === 4) return Math.clz32(this.d ^ other.d);
    if (this.a !== other.a) return Math.clz32(this.a ^ other.a);
    if (this.b !== other.b) return Math.clz32(this.b ^ other.b) + 32;
    if (this.c !== other.c) return Math.clz32(this.c ^ other.c) + 64;
    return Math.clz32(this.d ^ other.d) + 96;
  }

  /** This address with all bits but the first `length` cleared. */
  first(length: number): Address {
    const kept = length + 128 - this.bits;
    const { a, b, c, d } = this;
    return new Address(this.family, a & mask(kept), b & mask(kept - 32), c & mask(kept - 64), d & mask(kept - 96));
  }

  /** This address with all bits but the first `length` set. */
  last(length: number): Address {
    if (this.family === 4) return new Address(4, 0, 0, 0, this.d | ~mask(length));
    const { a, b, c, d } = this;
    return new Address(6, a | ~mask(length), b | ~mask(length - 32), c | ~mask(length - 64), d | ~mask(length - 96));
  }

  /** True for an IPv4-mapped IPv6 address, `::ffff:0:0/96` (RFC 4291 section 2.5.5.2). */
  get isMapped(): boolean {
    return this.family === 6 && this.a === 0 && this.b === 0 && this.c === 0xffff;
  }

  /** True for `169.254.0.0/16` (RFC 3927) and `fe80::/10` (RFC 4291 section 2.5.6). */
  get isLinkLocal(): boolean {
    return this.family === 4 ? this.d >>> 16 === 0xa9fe : this.a >>> 22 === 0x3fa;
  }

  /** True for `127.0.0.0/8` (RFC 1122) and `::1` (RFC 4291 section 2.5.3). */
  get isLoopback(): boolean {
    return this.family === 4 ? this.d >>> 24 === 127 : this.d === 1 && (this.a | this.b | this.c) === 0;
  }

  /** True for `224.0.0.0/4` (RFC 5771) and `ff00::/8` (RFC 4291 section 2.7). */
  get isMulticast(): boolean {
    return this.family === 4 ? this.d >>> 28 === 0xe : this.a >>> 24 === 0xff;
  }

  /** True for `0.0.0.0` and `::`. */
  get isUnspecified(): boolean {
    return (this.a | this.b | this.c | this.d) === 0;
  }
}

/** The mask of the first `length` bits of a word; a length below 0 counts as 0 and one above 32 as 32. */
function mask(length: number): number {
  if (length <= 0) return 0;
  return length >= 32 ? -1 : -1 << (32 - length);
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

function formatOctets(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}
