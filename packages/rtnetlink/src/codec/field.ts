// A field is a property of a netlink object, with the place of its value: in the fixed header, in an attribute, or in both.
// Everything that reads, writes or explains an object is derived from its fields.
import type { Extent } from './extent.ts';
import type { Inside } from './inside.ts';
import type { Memory } from './memory.ts';
import { parsePrefix } from './text.ts';
import { binary, checkBoolean, type FixedType, ip, type Type, u8, u32 } from './type.ts';
import type { Writer } from './writer.ts';

/** A property of an object. If `Always` is true, reading it never returns undefined. */
export interface Field<T, Always extends boolean = boolean> {
  /** Whether every message has the field. */
  readonly always: Always;
  /** Type of its attribute, if it has one. */
  readonly id?: number;
  /** Type of a second attribute that can contain the value instead. */
  readonly otherId?: number;
  /** The attribute without which the field has no value. */
  readonly needs?: number | undefined;
  /** Only requests have the field: it is not a property of the object. */
  readonly asked?: true;
  /** Its place in the header: `offset` from its start and `size`, in bytes. */
  readonly header?: { readonly offset: number; readonly size: number };
  /** Type of the attribute's value, to look into nested attributes. */
  readonly type?: Type<unknown>;
  /** Schema of the attribute's contents if that depends on other attributes between `start` and `end`. */
  insideOf?(memory: Memory, start: number, end: number): Inside | undefined;
  /** Reads the value; undefined if the message does not have it. */
  read(extent: Extent): T | undefined;
  /**
   * Writes the value to the message whose header is at `start`.
   * @throws RangeError the value does not fit.
   */
  write(writer: Writer, value: T, start: number): void;
}

/** A value in the header, `offset` bytes from its start. */
export function header<T>(offset: number, type: FixedType<T>): Field<T, true> {
  return {
    always: true,
    header: { offset, size: type.size },
    read: ({ memory, start }) => type.read(memory, start + offset, type.size),
    write: (writer, value, start) => type.put(writer.memory, start + offset, value),
  };
}

/**
 * A bit of a 32-bit number in the header, `offset` bytes from its start. If the kernel needs to know which bits to
 * change, `mask` is the offset of the number that has them.
 */
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

/** A bit of a number in the header by which a request selects what the answer contains. */
export function askedBit(offset: number, value: number): Field<boolean, false> {
  const plain = bit(offset, value);
  return { ...plain, always: false, asked: true, read: extent => plain.read(extent) || undefined };
}

/**
 * Flag in an attribute's type: the attribute contains attributes (netlink(7)). The kernel requires it for some
 * attributes.
 */
export const NLA_F_NESTED = 0x8000;

/**
 * An attribute of this type; the type may include NLA_F_NESTED. If its value cannot be read, the field is left out, so
 * that the rest of the object remains readable.
 */
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

/** An address that is in attribute `id4` if it is IPv4, and in `id6` if it is IPv6. */
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

/** An attribute that only requests have: it selects what to do or to report. */
export function asked<T>(id: number, type: Type<T>): Field<T, false> {
  return { ...attribute(id, type), asked: true };
}

/** A field whose attribute the kernel omits if it has this value. */
export function withDefault<T>(field: Field<T, false>, value: T): Field<T, true> {
  return { ...field, always: true, needs: undefined, read: extent => field.read(extent) ?? value };
}

/**
 * A 32-bit number in an attribute, of which values up to 255 are in a byte of the header as well. The byte is used if the
 * value fits it.
 */
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

/** The prefix that contains all addresses of the family. */
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
 * A prefix as text, `10.0.0.0/8`: the address is in an attribute, the length in a byte of the header. The kernel omits
 * the attribute if the length is 0. With `default` such a prefix reads as `0.0.0.0/0` or `::/0`, with `absent` as
 * undefined.
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
