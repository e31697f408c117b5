// IFLA_LINKINFO: the kind of a link, and data whose form depends on it.
import { attribute } from '../codec/field.ts';
import type { Memory } from '../codec/memory.ts';
import { type Fields, type Input, nest, type Schema, schema } from '../codec/schema.ts';
import { bareString, binary, type Type } from '../codec/type.ts';
import { kinds } from './kinds.ts';

type Kinds = typeof kinds;

/** A link's kind and what that kind has of its own. */
export type LinkInfo =
  | {
      [K in keyof Kinds]: {
        readonly kind: K;
        readonly data?: Input<Kinds[K]['fields']> | undefined;
        readonly slaveKind?: string;
      };
    }[keyof Kinds]
  | { readonly kind: OtherKind; readonly data?: Uint8Array | undefined; readonly slaveKind?: string };

/** A kind without a schema here, such as `dummy`. Its data stays bytes. */
export type OtherKind = string & { readonly [otherKind]?: never };
declare const otherKind: unique symbol;

const infoSchema = <T>(data: Type<T>) =>
  schema(0, () => ({
    kind: attribute(1, bareString(63)),
    data: attribute(2, data),
    /** The kind of link that it is a port of. */
    slaveKind: attribute(4, bareString(63)),
  }));

// Which form `data` has is known to LinkInfo; in here it is opaque.
type InfoSchema = ReturnType<typeof infoSchema<unknown>>;

/** For kinds without a schema of their own, and to learn the kind before the rest can be read. */
const other = infoSchema(binary) as InfoSchema;
const schemas = new Map<string, InfoSchema>();

function schemaOf(kind: string | undefined): InfoSchema {
  if (kind === undefined || !Object.hasOwn(kinds, kind)) return other;
  let known = schemas.get(kind);
  if (!known) {
    known = infoSchema(nest(kinds[kind as keyof Kinds] as Schema<Fields>)) as InfoSchema;
    schemas.set(kind, known);
  }
  return known;
}

function schemaAt(memory: Memory, at: number, length: number): InfoSchema {
  return schemaOf(other.read(memory, at, at + length).kind);
}

/** The codec of IFLA_LINKINFO. */
export const linkInfo: Type<LinkInfo> = {
  read: (memory, at, length) => schemaAt(memory, at, length).read(memory, at, at + length) as LinkInfo,
  write: (writer, value) => schemaOf(value?.kind).write(writer, value),
  schemaAt: (memory, at, length) => schemaAt(memory, at, length) as unknown as Schema<Fields>,
};
