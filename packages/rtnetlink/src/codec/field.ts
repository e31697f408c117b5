// A field is one name of a netlink object and where its value stands: in the fixed header, in an attribute, or in
// both. Everything that reads, writes or explains an object is derived from its fields.
import type { Extent } from './extent.ts';
import type { Inside } from './inside.ts';
import type { Memory } from './memory.ts';
import { parsePrefix } from './text.ts';
import { binary, checkBoolean, type FixedType, ip, type Type, u8, u32 } from './type.ts';
import type { Writer } from './writer.ts';

/** One name of an object. `Always` tells the type system that reading it never gives undefined. */
export interface Field<T, Always extends boolean = boolean> {
  readonly always: Always;
  /** The attribute's type number (the kernel's name for its kind), where there is one. */
  readonly id?: number;
  /** That of a second attribute, in whose place the first may stand. */
  readonly otherId?: number;
  /** The attribute without which there is nothing to read. */
  readonly needs?: number | undefined;
  /** Only requests have it: it is no property of the object. */
  readonly asked?: true;
  /** Offset and size in the header, where it stands there. */
  readonly header?: { readonly offset: number; readonly size: number };
  /** The attribute's value type, to look inside nested attributes. */
  readonly type?: Type<unknown>;
  /** What is in the attribute, where that depends on others that stand with it from `start` to `end`. */
  insideOf?(memory: Memory, start: number, end: number): Inside | undefined;
  /** Reads the value from a message; undefined where it is not in it. */
  read(extent: Extent): T | undefined;
  /** Writes the value of the object whose header is at `start`. */
  write(writer: Writer, value: T, start: number): void;
}

/** A value in the header. */
export function header<T>(offset: number, type: FixedType<T>): Field<T, true> {
  return {
    always: true,
    header: { offset, size: type.size },
    read: ({ memory, start }) => type.read(memory, start + offset, type.size),
    write: (writer, value, start) => type.put(writer.memory, start + offset, value),
  };
}

/** A bit of a number in the header. Where the kernel wants to know which bits are meant, `mask` is that word's offset. */
export function bit(offset: number, value: number, mask?: number): Field<boolean, true> {
  const set = (writer: Writer, at: number, on: boolean): void => {
    const { view } = writer.memory;
    const flags = view.getUint32(at, true);
    view.setUint32(at, on ? flags | value : flags & ~value, true);
  };
  return {
    always: true,
    header: { offset, size: 4 },
    read: ({ memory, start }) => (u32.read(memory, start + offset, 4) & value) !== 0,
    write(writer, on, start) {
      set(writer, start + offset, checkBoolean(on));
      if (mask !== undefined) set(writer, start + mask, true);
    },
  };
}

/** A bit of a number in the header by which a request says what it wants to be told. */
export function askedBit(offset: number, value: number): Field<boolean, false> {
  const plain = bit(offset, value);
  return { ...plain, always: false, asked: true, read: extent => plain.read(extent) || undefined };
}

/** Set in an attribute's type: attributes are in it. Of some attributes the kernel insists on being told. */
export const NLA_F_NESTED = 0x8000;

/** An attribute. A value that its type cannot read is left out rather than making the whole object unreadable. */
export function attribute<T>(written: number, type: Type<T>): Field<T, false> {
  const id = written & ~NLA_F_NESTED;
  return {
    always: false,
    id,
    needs: id,
    type,
    read(extent) {
      const at = extent.find(id);
      if (at < 0) return undefined;
      try {
        return type.read(extent.memory, at, extent.lengthAt(at));
      } catch (error) {
        if (error instanceof RangeError) return undefined;
        throw error;
      }
    },
    write: (writer, value) => writer.attribute(written, type, value),
  };
}

/** An address that stands in one attribute where it is IPv4, and in another where it is IPv6. */
export function addressByFamily(id4: number, id6: number): Field<string, false> {
  const address4 = attribute(id4, ip);
  const address6 = attribute(id6, ip);
  return {
    ...address6,
    otherId: id4,
    needs: undefined,
    read: extent => address4.read(extent) ?? address6.read(extent),
    write: (writer, value, start) => (String(value).includes(':') ? address6 : address4).write(writer, value, start),
  };
}

/** An attribute that says what is to be done or told, and that the kernel never tells of an object. */
export function asked<T>(id: number, type: Type<T>): Field<T, false> {
  return { ...attribute(id, type), asked: true };
}

/** An attribute that the kernel leaves out where it has this value. */
export function withDefault<T>(field: Field<T, false>, value: T): Field<T, true> {
  return { ...field, always: true, needs: undefined, read: extent => field.read(extent) ?? value };
}

/** A number that once was a byte in the header, and stands in an attribute where it does not fit there. */
export function widened(id: number, offset: number): Field<number, true> {
  const wide = attribute(id, u32);
  return {
    always: true,
    id,
    type: u32,
    read: extent => wide.read(extent) ?? u8.read(extent.memory, extent.start + offset, 1),
    write(writer, value, start) {
      const fits = value >= 0 && value < 256;
      u8.put(writer.memory, start + offset, fits ? value : 0);
      if (!fits) wide.write(writer, value, start);
    },
  };
}

const AF_INET = 2;
const AF_INET6 = 10;

/** The prefix of all addresses of the family. */
function wholeOf(family: number): string | undefined {
  return family === AF_INET ? '0.0.0.0/0' : family === AF_INET6 ? '::/0' : undefined;
}

const lengthTexts: string[] = [];

/** `/24` */
function lengthText(length: number): string {
  lengthTexts[length] ??= `/${length}`;
  return lengthTexts[length];
}

/**
 * A prefix in text, `10.0.0.0/8`: its address in an attribute, its length in the header at `lengthOffset`.
 * The kernel leaves the attribute out when the length is 0; with `zero` such a prefix reads as `0.0.0.0/0` or `::/0`,
 * without it as undefined.
 */
export function prefix(id: number, lengthOffset: number, zero: 'default' | 'absent'): Field<string, false> {
  const address = attribute(id, ip);
  return {
    always: false,
    id,
    needs: zero === 'absent' ? id : undefined,
    type: ip,
    read(extent) {
      const { bytes } = extent.memory;
      const length = bytes[extent.start + lengthOffset]!;
      const at = extent.find(id);
      if (zero === 'default' && length === 0) return wholeOf(bytes[extent.start]!);
      const text = address.read(extent);
      return text === undefined || length > 8 * extent.lengthAt(at) ? undefined : text + lengthText(length);
    },
    write(writer, value, start) {
      const { bytes, length } = parsePrefix(value);
      writer.memory.bytes[start + lengthOffset] = length;
      if (length > 0 || zero === 'absent') writer.attribute(id, binary, bytes);
    },
  };
}
