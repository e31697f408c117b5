// Types of values. Only a type knows how its values are read from and written to bytes.
import { writeEach } from './each.ts';
import type { Inside } from './inside.ts';
import { errorIn } from './invalid-field.ts';
import type { Memory } from './memory.ts';
import { formatAddress, formatLinkAddress, parseAddress, parseLinkAddress, quote } from './text.ts';
import type { Writer } from './writer.ts';

/** The representation of a value in memory. */
export interface Type<T> {
  /** Size in bytes, if all values have the same. */
  readonly size?: number;
  /** Texts only: maximum length in bytes, without the NUL at the end. */
  readonly max?: number;
  /**
   * Reads the value from `length` bytes at `at`.
   * @throws RangeError the bytes cannot contain it.
   */
  read(memory: Memory, at: number, length: number): T;
  /**
   * Appends the value.
   * @throws RangeError the value cannot be represented.
   */
  write(writer: Writer, value: T): void;
  /** For values that consist of attributes: what explains their bytes. */
  schemaAt?(memory: Memory, at: number, length: number): Inside;
  /**
   * For values that consist of named attributes: a type that reads only these.
   * @throws InvalidField there is no such attribute.
   */
  only?(names: readonly string[]): Type<object>;
}

/** A type whose values all have the same size. */
export type SizedType<T> = Type<T> & { readonly size: number };

/** A type of fixed size whose values can also be written in place, in the header of a message. */
export interface FixedType<T> extends Type<T> {
  /** Size in bytes. */
  readonly size: number;
  /**
   * Writes the value at this offset.
   * @throws RangeError the value cannot be represented.
   */
  put(memory: Memory, at: number, value: T): void;
}

/** An integer of 1, 2 or 4 bytes. Host byte order is little-endian. */
function integer(size: 1 | 2 | 4, signed: boolean, littleEndian: boolean): FixedType<number> {
  const count = 2 ** (8 * size);
  const min = signed ? -count / 2 : 0;
  const max = min + count - 1;
  const put = ({ view }: Memory, at: number, value: number): void => {
    if (!Number.isInteger(value) || value < min || value > max)
      throw new RangeError(`${quote(value)} is not an integer from ${min} to ${max}`);
    // For a negative number these write its two's complement.
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, littleEndian);
    else view.setUint32(at, value, littleEndian);
  };
  return {
    size,
    read({ view }, at, length) {
      // Newer kernels may have appended to the value, so more bytes are accepted, but fewer cannot be read.
      if (length < size) throw new RangeError(`expected ${size} bytes, found ${length}`);
      const value =
        size === 1
          ? view.getUint8(at)
          : size === 2
            ? view.getUint16(at, littleEndian)
            : view.getUint32(at, littleEndian);
      return value > max ? value - count : value;
    },
    put,
    write(writer, value) {
      // `reserve` may replace the memory, so it is called first.
      const at = writer.reserve(size);
      put(writer.memory, at, value);
    },
  };
}

/** An integer of 8 bytes. */
function bigInteger(signed: boolean, littleEndian: boolean): FixedType<bigint> {
  const size = 8;
  const min = signed ? -(1n << 63n) : 0n;
  const max = min + 0xffff_ffff_ffff_ffffn;
  const put = ({ view }: Memory, at: number, value: bigint): void => {
    if (typeof value !== 'bigint' || value < min || value > max)
      throw new RangeError(`${quote(value)} is not a bigint from ${min} to ${max}`);
    view.setBigUint64(at, value, littleEndian);
  };
  return {
    size,
    read({ view }, at, length) {
      if (length < size) throw new RangeError(`expected ${size} bytes, found ${length}`);
      return signed ? view.getBigInt64(at, littleEndian) : view.getBigUint64(at, littleEndian);
    },
    put,
    write(writer, value) {
      const at = writer.reserve(size);
      put(writer.memory, at, value);
    },
  };
}

/** An unsigned integer of 1 byte, 0 to 255. */
export const u8: FixedType<number> = integer(1, false, true);
/** A signed integer of 1 byte, -128 to 127. */
export const s8: FixedType<number> = integer(1, true, true);
/** An unsigned integer of 2 bytes in host byte order, 0 to 65535. */
export const u16: FixedType<number> = integer(2, false, true);
/** An unsigned integer of 4 bytes in host byte order, 0 to 4294967295. */
export const u32: FixedType<number> = integer(4, false, true);
/** A signed integer of 4 bytes in host byte order. */
export const s32: FixedType<number> = integer(4, true, true);
/** An unsigned integer of 8 bytes in host byte order. */
export const u64: FixedType<bigint> = bigInteger(false, true);
/** A signed integer of 8 bytes in host byte order. */
export const s64: FixedType<bigint> = bigInteger(true, true);
// Mixing up byte orders is the most common netlink bug, so network byte order has types of its own.

/** An unsigned integer of 2 bytes in network byte order. */
export const be16: FixedType<number> = integer(2, false, false);
/** An unsigned integer of 4 bytes in network byte order. */
export const be32: FixedType<number> = integer(4, false, false);
/** A signed integer of 4 bytes in network byte order. */
export const sbe32: FixedType<number> = integer(4, true, false);
/** An unsigned integer of 8 bytes in network byte order. */
export const be64: FixedType<bigint> = bigInteger(false, false);

/** An unsigned integer of 4 bytes in host byte order, or of 8 bytes if 4 are too few. */
export const uint: Type<bigint> = {
  read: (memory, at, length) => (length < 8 ? BigInt(u32.read(memory, at, length)) : u64.read(memory, at, length)),
  write(writer, value) {
    if (typeof value === 'bigint' && value >= 0n && value <= 0xffff_ffffn) u32.write(writer, Number(value));
    else u64.write(writer, value);
  },
};

/** An attribute without a value: it is present or not. */
export const flag: Type<true> = {
  size: 0,
  read: () => true,
  write() {},
};

/** A switch, as a byte of 0 or 1. */
export const boolean: Type<boolean> = {
  size: 1,
  read: (memory, at, length) => u8.read(memory, at, length) !== 0,
  write: (writer, value) => u8.write(writer, checkBoolean(value) ? 1 : 0),
};

/**
 * Rejects other types, because `"no"` would count as true.
 * @throws RangeError the value is not a boolean.
 */
export function checkBoolean(value: boolean): boolean {
  if (typeof value !== 'boolean') throw new RangeError(`${quote(value)} is neither true nor false`);
  return value;
}

/** @throws RangeError the value is not an object. */
export function checkObject(value: object): void {
  if (typeof value !== 'object' || value === null) throw new RangeError(`${quote(value)} is not an object`);
}

/**
 * Any `Uint8Array`. In declarations TypeScript writes this name where it would write `Uint8Array<ArrayBufferLike>`, which
 * TypeScript before 5.7 does not understand.
 */
export interface Bytes extends Uint8Array {}

/** Bytes, unchanged. */
export const binary: Type<Bytes> = {
  read: ({ bytes }, at, length) => bytes.slice(at, at + length),
  write(writer, value) {
    if (!(value instanceof Uint8Array)) throw new RangeError(`${quote(value)} is no Uint8Array`);
    writer.append(value);
  },
};

/** An IPv4 or IPv6 address as text. The number of bytes determines the family. */
export const ip: Type<string> = {
  read: ({ bytes }, at, length) => formatAddress(bytes, at, length),
  write: (writer, value) => writer.append(parseAddress(value)),
};

/** A link-layer address as text, such as `02:00:5e:10:00:01`. Of 4 bytes it is an IPv4 address, in tunnels: `192.0.2.1`. */
export const linkAddress: Type<string> = {
  read: ({ bytes }, at, length) => formatLinkAddress(bytes, at, length),
  write: (writer, value) => writer.append(parseLinkAddress(value)),
};

// Only for text that is not ASCII: loading them takes longer than everything else in this file.
let decoder: InstanceType<typeof TextDecoder> | undefined;
let encoder: InstanceType<typeof TextEncoder> | undefined;

function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) {
      encoder ??= new TextEncoder();
      return encoder.encode(text);
    }
    bytes[i] = code;
  }
  return bytes;
}

function text(max: number, end: 0 | 1): Type<string> {
  return {
    max,
    read({ bytes }, start, length) {
      let text = '';
      for (let at = start; at < start + length && bytes[at] !== 0; at++) {
        const byte = bytes[at]!;
        if (byte > 127) {
          const stop = bytes.indexOf(0, at);
          decoder ??= new TextDecoder();
          return decoder.decode(bytes.subarray(start, stop < 0 ? start + length : Math.min(stop, start + length)));
        }
        text += String.fromCharCode(byte);
      }
      return text;
    },
    write(writer, value) {
      const bytes = typeof value === 'string' && encodeText(value);
      if (!bytes || bytes.length > max || value.includes('\0'))
        throw new RangeError(`${quote(value)} is not a text of at most ${max} bytes without NUL`);
      writer.append(bytes);
      writer.reserve(end);
    },
  };
}

/** Text that ends with NUL, in at most `size` bytes including the NUL. */
export function string(size: number): Type<string> {
  return text(size - 1, 1);
}

/** Text of at most `max` bytes, written without a NUL at the end. */
export function bareString(max: number): Type<string> {
  return text(max, 0);
}

/** A number with names for some values. A value without a name stays a number. */
export function named<const Names extends Record<string, number>>(
  type: FixedType<number>,
  names: Names,
): FixedType<keyof Names | number> {
  let nameOf: Map<number, string & keyof Names> | undefined;
  const numberOf = (value: keyof Names | number): number => {
    if (typeof value === 'number') return value;
    // `hasOwn` would convert other values to text, which can fail.
    if (typeof value !== 'string' || !Object.hasOwn(names, value))
      throw new RangeError(`${quote(value)} is not one of ${Object.keys(names).join(', ')}, or a number`);
    return names[value]!;
  };
  return {
    size: type.size,
    read(memory, at, length) {
      if (!nameOf) {
        nameOf = new Map();
        for (const name in names) nameOf.set(names[name]!, name);
      }
      const value = type.read(memory, at, length);
      return nameOf.get(value) ?? value;
    },
    put: (memory, at, value) => type.put(memory, at, numberOf(value)),
    write: (writer, value) => type.write(writer, numberOf(value)),
  };
}

/** Two numbers: the first and the last of a range, both included. */
export function range(type: FixedType<number>): Type<readonly [first: number, last: number]> {
  return {
    size: 2 * type.size,
    read: (memory, at, length) => [
      type.read(memory, at, length),
      type.read(memory, at + type.size, length - type.size),
    ],
    write(writer, value) {
      if (!Array.isArray(value) || value.length !== 2)
        throw new RangeError(`${quote(value)} is not a pair of numbers, the first and the last`);
      for (const end of value) type.write(writer, end);
    },
  };
}

/** Values of equal size, one after another. */
export function array<T>(type: SizedType<T>): Type<readonly T[]> {
  const { size } = type;
  return {
    read(memory, start, length) {
      const values: T[] = [];
      for (let at = start; at + size <= start + length; at += size) values.push(type.read(memory, at, size));
      return values;
    },
    write(writer, values) {
      writeEach(values, value => type.write(writer, value));
    },
  };
}

type Members = Readonly<Record<string, FixedType<unknown>>>;
type Struct<M extends Members> = {
  readonly [K in keyof M]?: (M[K] extends FixedType<infer T> ? T : never) | undefined;
};

/** A C struct without gaps. An older kernel may send a shorter one, of which only the first members are read. */
export function struct<const M extends Members>(members: M): SizedType<Struct<M>> {
  const names: readonly (keyof M & string)[] = Object.keys(members);
  let size = 0;
  for (const name of names) size += members[name]!.size;
  return {
    size,
    read(memory, start, length) {
      const value: Record<string, unknown> = {};
      let at = start;
      for (const name of names) {
        const type = members[name]!;
        if (at + type.size > start + length) break;
        value[name] = type.read(memory, at, type.size);
        at += type.size;
      }
      return value as Struct<M>;
    },
    write(writer, value) {
      checkObject(value);
      for (const name in value)
        if (!Object.hasOwn(members, name)) throw new RangeError(`no member ${name}; there are ${names.join(', ')}`);
      for (const name of names) {
        const type = members[name]!;
        try {
          if (value[name] === undefined) writer.reserve(type.size);
          else type.write(writer, value[name]);
        } catch (error) {
          throw errorIn(name, error);
        }
      }
    },
  };
}
