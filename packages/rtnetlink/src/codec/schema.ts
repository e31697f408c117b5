import { Extent, walkAttributes } from './extent.ts';
import { attribute, type Field } from './field.ts';
import { type FoundField, foundIn, type Inside } from './inside.ts';
import { errorIn, InvalidField } from './invalid-field.ts';
import type { Memory } from './memory.ts';
import { type Entries, type Entry, type ObjectReader, objectReader, readFields } from './reader.ts';
import { checkObject, type Type } from './type.ts';
import { type Movable, type ViewClass, viewClass } from './view.ts';
import type { Writer } from './writer.ts';

/** The fields of an object, by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** An object as a schema writes it: every field is optional, and `undefined` means unset. */
export type Input<F extends Fields> = { readonly [K in keyof F]?: ValueOf<F[K]> | undefined };

/** An object as a schema reads it: header fields are always present, attributes only if the kernel sent them. */
export type Output<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Field<unknown, true> ? K : never]: ValueOf<F[K]>;
} & { readonly [K in keyof F as F[K] extends Field<unknown, true> ? never : K]?: ValueOf<F[K]> };

type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;

/** A view of one object in memory. Its getters read on demand. It is valid until the buffer is filled again. */
export type View<F extends Fields> = Output<F> & {
  /** An object with all fields that are present, independent of the buffer. */
  toObject(): Output<F>;
};

const mostSelections = 64;

/**
 * The codec of a kind of object: a header of fixed size, then attributes. A short-lived program defines many kinds and
 * uses few, so fields and everything derived from them are created when they are first needed. The fields of `rest` are
 * created when one of them is named or when all fields are needed.
 */
export class Schema<F extends Fields> implements Inside {
  /** Size of the header in bytes. */
  readonly headerSize: number;
  private readonly define: () => Fields;
  private readonly rest: Schema<Fields> | undefined;
  /** The fields without those of `rest`. */
  private ownFields: Fields | undefined;
  private allFields: F | undefined;
  private entries: Entries | undefined;
  private names: ReadonlyMap<number | undefined, string> | undefined;
  private toObject: ObjectReader | undefined;
  private View: ViewClass | undefined;
  /** What `entriesOf` found lately, by the names: programs read the same ones again and again. */
  private selections: Map<string, Entries> | undefined;
  /** Extents that `read` made and that are not in use. */
  private readonly idle: Extent[] = [];

  /** `rest` has further fields of the same header and the same attributes. */
  constructor(headerSize: number, define: () => Fields, rest?: Schema<Fields>) {
    this.headerSize = headerSize;
    this.define = define;
    this.rest = rest;
  }

  /** All fields, by name. */
  get fields(): F {
    this.allFields ??= (this.rest ? { ...this.own(), ...this.rest.fields } : this.own()) as F;
    return this.allFields;
  }

  /**
   * Appends an object: its header, then one attribute for each value that is set, in the order of `object`.
   * @throws InvalidField a value does not fit its field.
   */
  write(writer: Writer, object: Input<F>): void {
    checkObject(object);
    const start = writer.reserve(this.headerSize);
    const own = this.own();
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (value === undefined) continue;
      const field = fieldNamed(name, own, this);
      try {
        field.write(writer, value, start);
      } catch (error) {
        throw errorIn(name, error);
      }
    }
  }

  /**
   * Reads the object from `start` to `end`, or only these fields of it.
   * @throws RangeError the bytes cannot contain the header.
   */
  read(memory: Memory, start: number, end: number, only?: Entries): Output<F> {
    const extent = this.idle.pop() ?? new Extent(this.headerSize);
    extent.moveTo(memory, start, end);
    const object = only ? readFields(only, extent) : this.reader()(extent);
    this.idle.push(extent);
    return object as Output<F>;
  }

  /**
   * The fields, or parts of fields, with these names.
   * @throws InvalidField no field has one of these names.
   */
  entriesOf(names: readonly string[]): Entries {
    const key = names.join();
    this.selections ??= new Map();
    const known = this.selections.get(key);
    if (known) return known;
    const own = this.own();
    const entries: Entry[] = [];
    for (const name of names) {
      const dot = name.indexOf('.');
      const head = dot < 0 ? name : name.slice(0, dot);
      const field = fieldNamed(head, own, this);
      // A whole field includes its parts.
      entries.push([head, dot < 0 || names.includes(head) ? field : partsOf(head, names, field)]);
    }
    // Programs that read ever other fields must not fill the memory.
    if (this.selections.size === mostSelections) this.selections.clear();
    this.selections.set(key, entries);
    return entries;
  }

  /** A view that can be moved from object to object. */
  cursor(): View<F> & Movable {
    this.View ??= viewClass(this.list());
    return new this.View(new Extent(this.headerSize), this.reader()) as unknown as View<F> & Movable;
  }

  /** The field that the byte at `start + offset` belongs to; undefined if it belongs to none. */
  fieldAt(memory: Memory, start: number, end: number, offset: number): FoundField | undefined {
    const inHeader = this.list().find(
      ([, { header }]) => header && offset >= header.offset && offset < header.offset + header.size,
    );
    if (inHeader) return { path: inHeader[0] };
    let found: FoundField | undefined;
    const absolute = start + offset;
    walkAttributes(memory, start + this.headerSize, end, (id, at, length) => {
      if (absolute < at - 4 || absolute >= at + Math.max(length, 1)) return;
      const path = this.fieldOf(id) ?? `attribute ${id}`;
      const field = this.fields[path];
      const inside =
        field?.insideOf?.(memory, start + this.headerSize, end) ?? field?.type?.schemaAt?.(memory, at, length);
      found = foundIn(path, inside, memory, at, length, absolute);
    });
    return found;
  }

  /** Name of the attribute with this type. */
  fieldOf(id: number): string | undefined {
    this.names ??= new Map(
      this.list().flatMap(([name, field]) => [field.id, field.otherId].map(known => [known, name] as const)),
    );
    return this.names.get(id);
  }

  private own(): Fields {
    this.ownFields ??= this.define();
    return this.ownFields;
  }

  private list(): Entries {
    this.entries ??= Object.entries(this.fields);
    return this.entries;
  }

  private reader(): ObjectReader {
    this.toObject ??= objectReader(this.list());
    return this.toObject;
  }
}

/**
 * The field with this name. Those in `own` are searched first, because `schema.fields` creates those of `rest`.
 * @throws InvalidField there is no such field.
 */
function fieldNamed(name: string, own: Fields, schema: Schema<Fields>): Field<unknown> {
  const field = own[name] ?? schema.fields[name];
  // Properties that every object inherits, such as `toString`, are not fields.
  if (field?.always === undefined)
    throw new InvalidField(name, `unknown field; known are ${Object.keys(schema.fields).join(', ')}`);
  return field;
}

/** The field, reduced to the parts that are named. */
function partsOf(name: string, paths: readonly string[], { id, type }: Field<unknown>): Field<unknown> {
  if (id === undefined || !type?.only) throw new InvalidField(name, 'has no parts that could be read alone');
  const parts: string[] = [];
  for (const path of paths) if (path.startsWith(`${name}.`)) parts.push(path.slice(name.length + 1));
  try {
    return attribute(id, type.only(parts));
  } catch (error) {
    throw errorIn(name, error);
  }
}

/**
 * Makes a codec. `headerSize` is in bytes, and `define` returns the fields. `rest` has further fields of the same object,
 * which are created only when they are needed.
 */
export function schema<const F extends Fields, R extends Fields = Record<never, never>>(
  headerSize: number,
  define: () => F,
  rest?: Schema<R>,
): Schema<F & R> {
  return new Schema(headerSize, define, rest as Schema<Fields> | undefined);
}

/** An object inside an attribute. */
export function nest<F extends Fields>(inner: Schema<F>): Type<Input<F>> {
  return {
    read: (memory, at, length) => inner.read(memory, at, at + length) as Input<F>,
    write: (writer, value) => inner.write(writer, value),
    schemaAt: () => inner,
    only(names) {
      const entries = inner.entriesOf(names);
      return { ...this, read: (memory, at, length) => inner.read(memory, at, at + length, entries) };
    },
  };
}
