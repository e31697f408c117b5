import { Extent, walkAttributes } from './extent.ts';
import type { Field } from './field.ts';
import type { Memory } from './memory.ts';
import { objectReader } from './reader.ts';
import { checkObject, type Type } from './type.ts';
import type { Writer } from './writer.ts';

/** The names of an object and where they stand. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a schema writes: every field optional. `undefined` means unset. */
export type Input<F extends Fields> = { readonly [K in keyof F]?: ValueOf<F[K]> | undefined };

/** What a schema reads: header fields always, attributes where the kernel sent them. */
export type Output<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Field<unknown, true> ? K : never]: ValueOf<F[K]>;
} & { readonly [K in keyof F as F[K] extends Field<unknown, true> ? never : K]?: ValueOf<F[K]> };

type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;

/** A value that does not fit its field. `path` names the field from the object down, such as `info.data.peer.mtu`. */
export class InvalidField extends RangeError {
  override readonly name = 'InvalidField';
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}

/** A view of one object in memory. Its getters read on demand; it is valid until the buffer is filled anew. */
export type View<F extends Fields> = Output<F> & {
  /** All fields that are present, detached from the buffer. */
  toObject(): Output<F>;
};

/** The codec of one kind of object: a header of fixed size, then attributes. */
export interface Schema<F extends Fields> {
  readonly headerSize: number;
  readonly fields: F;
  /** Appends the object: its header, then one attribute for each value that is set, in the order of `object`. */
  write(writer: Writer, object: Input<F>): void;
  /** A view that can be pointed at one object after another. */
  cursor(): View<F> & Movable;
  /** Reads the object that stands from `start` to `end`. */
  read(memory: Memory, start: number, end: number): Output<F>;
  /** The field that byte `offset` from the object's start belongs to. */
  fieldAt(memory: Memory, start: number, end: number, offset: number): FoundField | undefined;
  /** The name of the attribute `id`. */
  fieldOf(id: number): string | undefined;
}

/** Where a byte of an object belongs. */
export interface FoundField {
  /** The field's name; `peer.mtu` in nested attributes. */
  readonly path: string;
  /** What is in the field, where that is attributes. */
  readonly schema?: Schema<Fields> | undefined;
}

export interface Movable {
  moveTo(memory: Memory, start: number, end: number): void;
}

/** Makes a codec from the names of an object and where they stand. */
export function schema<const F extends Fields>(headerSize: number, fields: F): Schema<F> {
  const entries = Object.entries(fields);
  const nameOf = new Map(entries.flatMap(([name, field]) => (field.id === undefined ? [] : [[field.id, name]])));

  const maxId = Math.max(0, ...nameOf.keys());
  const newExtent = (): Extent => new Extent(headerSize, maxId);

  const toObject = objectReader(entries) as (extent: Extent) => Output<F>;

  // Getters live on an object that delegates to the extent's, so that a field named `start` or `end` cannot hide it.
  class FieldView {
    readonly #extent = newExtent();
    moveTo(memory: Memory, start: number, end: number): void {
      this.#extent.moveTo(memory, start, end);
    }
    toObject(): Output<F> {
      return toObject(this.#extent);
    }
    static read(view: FieldView, field: Field<unknown>): unknown {
      return field.read(view.#extent);
    }
  }
  for (const [name, field] of entries)
    Object.defineProperty(FieldView.prototype, name, {
      enumerable: true,
      get(this: FieldView) {
        return FieldView.read(this, field);
      },
    });

  /** Made for `read`, and not in use. */
  const idle: Extent[] = [];
  const self: Schema<F> = {
    headerSize,
    fields,
    write(writer, object) {
      checkObject(object);
      const start = writer.reserve(headerSize);
      for (const [name, value] of Object.entries(object)) {
        if (value === undefined) continue;
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (!field) throw new InvalidField(name, `unknown field; known are ${Object.keys(fields).join(', ')}`);
        try {
          field.write(writer, value, start);
        } catch (error) {
          if (error instanceof InvalidField) throw new InvalidField(`${name}.${error.path}`, error.reason);
          if (error instanceof RangeError) throw new InvalidField(name, error.message);
          throw error;
        }
      }
    },
    cursor: () => new FieldView() as unknown as View<F> & Movable,
    read(memory, start, end) {
      const extent = idle.pop() ?? newExtent();
      const object = toObject(extent.moveTo(memory, start, end));
      idle.push(extent);
      return object;
    },
    fieldAt(memory, start, end, offset) {
      const inHeader = entries.find(
        ([, { header }]) => header && offset >= header.offset && offset < header.offset + header.size,
      );
      if (inHeader) return { path: inHeader[0] };
      let found: FoundField | undefined;
      const absolute = start + offset;
      walkAttributes(memory, start + headerSize, end, (id, at, length) => {
        if (absolute < at - 4 || absolute >= at + Math.max(length, 1)) return;
        const path = nameOf.get(id) ?? `attribute ${id}`;
        const inside = fields[path]?.type?.schemaAt?.(memory, at, length);
        const inner = absolute < at ? undefined : inside?.fieldAt(memory, at, at + length, absolute - at);
        found = inner ? { ...inner, path: `${path}.${inner.path}` } : { path, schema: inside };
      });
      return found;
    },
    fieldOf: id => nameOf.get(id),
  };
  return self;
}

/** An object within an attribute. */
export function nest<F extends Fields>(inner: Schema<F>): Type<Input<F>> {
  return {
    read: (memory, at, length) => inner.read(memory, at, at + length) as Input<F>,
    write: (writer, value) => inner.write(writer, value),
    schemaAt: () => inner as unknown as Schema<Fields>,
  };
}
