// The vocabulary of values: each type knows how its bytes are read and written, and nothing else does.
import { writeEach } from './each.ts';
import type { Inside } from './inside.ts';
import { errorIn } from './invalid-field.ts';
import type { Memory } from './memory.ts';
import { formatAddress, formatLinkAddress, parseAddress, parseLinkAddress, quote } from './text.ts';
import type { Writer } from './writer.ts';

/** How one value stands in memory. */
export interface Type<T> {
  /** Bytes the value takes, where that is fixed. */
  readonly size?: number;
  /** Bytes of a text at most, without the NUL at its end. */
  readonly max?: number;
  /** Reads the value from `length` bytes at `at`. Throws RangeError where the bytes cannot hold it. */
  read(memory: Memory, at: number, length: number): T;
  /** Appends the value. Throws RangeError where the value cannot be held. */
  write(writer: Writer, value: T): void;
  /** Where the value is made of attributes: what they are. */
  schemaAt?(memory: Memory, at: number, length: number): Inside;
  /** Where it is made of attributes with names: what reads these alone. Throws InvalidField where there are none by them. */
  only?(names: readonly string[]): Type<object>;
}

/** A type whose values all take the same room. */
export type SizedType<T> = Type<T> & { readonly size: number };

/** A type of a fixed size can also be written in place, in a message's header. */
export interface FixedType<T> extends Type<T> {
  readonly size: number;
  /** Writes the value at this offset. */
  put(memory: Memory, at: number, value: T): void;
}

/** An integer of 1, 2 or 4 bytes, in host order where it is little-endian. */
function integer(size: 1 | 2 | 4, signed: boolean, littleEndian: boolean): FixedType<number> {
  const count = 2 ** (8 * size);
  const min = signed ? -count / 2 : 0;
  const max = min + count - 1;
  const put = ({ view }: Memory, at: number, value: number): void => {
    if (!Number.isInteger(value) || value < min || value > max)
      throw new RangeError(`${quote(value)} is not an integer from ${min} to ${max}`);
    // Of a negative number these take the bits of its two's complement.
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, littleEndian);
    else view.setUint32(at, value, littleEndian);
  };
  return {
    size,
    read({ view }, at, length) {
      // The kernel appends to what it has; a longer value is an older reader's, a shorter one cannot be read.
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
      // Reserving may move the memory, so it comes first.
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

/** A byte. */
export const u8: FixedType<number> = integer(1, false, true);
/** A byte with a sign. */
export const s8: FixedType<number> = integer(1, true, true);
/** 2 bytes in host order. */
export const u16: FixedType<number> = integer(2, false, true);
/** 4 bytes in host order. */
export const u32: FixedType<number> = integer(4, false, true);
/** 4 bytes in host order, with a sign. */
export const s32: FixedType<number> = integer(4, true, true);
/** 8 bytes in host order. */
export const u64: FixedType<bigint> = bigInteger(false, true);
/** 8 bytes in host order, with a sign. */
export const s64: FixedType<bigint> = bigInteger(true, true);
// Mixing up the byte orders is the commonest netlink bug, so they are types of their own.

/** 2 bytes in network order. */
export const be16: FixedType<number> = integer(2, false, false);
/** 4 bytes in network order. */
export const be32: FixedType<number> = integer(4, false, false);
/** 8 bytes in network order. */
export const be64: FixedType<bigint> = bigInteger(false, false);

/** 4 or 8 bytes in host order, as many as it takes. */
export const uint: Type<bigint> = {
  read: (memory, at, length) => (length < 8 ? BigInt(u32.read(memory, at, length)) : u64.read(memory, at, length)),
  write(writer, value) {
    if (typeof value === 'bigint' && value >= 0n && value <= 0xffff_ffffn) u32.write(writer, Number(value));
    else u64.write(writer, value);
  },
};

/** An attribute whose presence says it all. */
export const flag: Type<true> = {
  size: 0,
  read: () => true,
  write() {},
};

/** A number that stands for a switch, 0 or 1. */
export const boolean: Type<boolean> = {
  size: 1,
  read: (memory, at, length) => u8.read(memory, at, length) !== 0,
  write: (writer, value) => u8.write(writer, checkBoolean(value) ? 1 : 0),
};

/** @throws RangeError where the value is no boolean, for `"no"` would be true. */
export function checkBoolean(value: boolean): boolean {
  if (typeof value !== 'boolean') throw new RangeError(`${quote(value)} is neither true nor false`);
  return value;
}

/** @throws RangeError where the value is no object. */
export function checkObject(value: object): void {
  if (typeof value !== 'object' || value === null) throw new RangeError(`${quote(value)} is not an object`);
}

/** Bytes as they stand. */
export const binary: Type<Uint8Array> = {
  read: ({ bytes }, at, length) => bytes.slice(at, at + length),
  write(writer, value) {
    if (!(value instanceof Uint8Array)) throw new RangeError(`${quote(value)} is no Uint8Array`);
    writer.append(value);
  },
};

/** An IPv4 or IPv6 address in text; the length of the bytes tells the family. */
export const ip: Type<string> = {
  read: ({ bytes }, at, length) => formatAddress(bytes, at, length),
  write: (writer, value) => writer.append(parseAddress(value)),
};

/** A link-layer address in text, such as `02:00:5e:10:00:01`. */
export const linkAddress: Type<string> = {
  read: ({ bytes }, at, length) => formatLinkAddress(bytes, at, length),
  write: (writer, value) => writer.append(parseLinkAddress(value)),
};

// For what is not ASCII. Loading them takes longer than all else in this file.
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

/** Text that ends with NUL and takes at most `size` bytes with it. */
export function string(size: number): Type<string> {
  return text(size - 1, 1);
}

/** Text of at most `max` bytes, written without a NUL at its end. */
export function bareString(max: number): Type<string> {
  return text(max, 0);
}

/** A number with names for the values that rtnetlink(7) names; others stay numbers. */
export function named<const Names extends Record<string, number>>(
  type: FixedType<number>,
  names: Names,
): FixedType<keyof Names | number> {
  let nameOf: Map<number, string & keyof Names> | undefined;
  const numberOf = (value: keyof Names | number): number => {
    if (typeof value === 'number') return value;
    // Anything but a text may have no text to be looked up by.
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

/** Two numbers, the first and last of an inclusive range. */
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

/** Values of one size, one behind the other. */
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

/** A C struct without gaps. Of a shorter one, from an older kernel, only some members are there. */
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
