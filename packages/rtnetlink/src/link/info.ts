// IFLA_LINKINFO: the kind of a link, and data whose form depends on it.
import { attribute } from '../codec/field.ts';
import type { Memory } from '../codec/memory.ts';
import { type Fields, type Input, nest, type Schema, schema } from '../codec/schema.ts';
import { binary, string, type Type } from '../codec/type.ts';
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

const kindField = attribute(1, string(64));

const infoSchema = <T>(data: Type<T>) =>
  schema(0, { kind: kindField, data: attribute(2, data), slaveKind: attribute(4, string(64)) });

// Which form `data` has is known to LinkInfo; in here it is opaque.
type InfoSchema = ReturnType<typeof infoSchema<unknown>>;
const other = infoSchema(binary) as InfoSchema;
const schemas = new Map<string | undefined, InfoSchema>(
  Object.entries(kinds).map(([kind, data]) => [kind, infoSchema(nest(data as Schema<Fields>)) as InfoSchema]),
);
const schemaOf = (kind: string | undefined): InfoSchema => schemas.get(kind) ?? other;

/** To learn the kind before the rest can be read. */
const kindSchema = schema(0, { kind: kindField });
const schemaAt = (memory: Memory, at: number, end: number): InfoSchema =>
  schemaOf(kindSchema.read(memory, at, end).kind);

export const linkInfo: Type<LinkInfo> = {
  read: (memory, at, length) => schemaAt(memory, at, at + length).read(memory, at, at + length) as LinkInfo,
  write: (writer, value) => schemaOf(value?.kind).write(writer, value),
  schemaAt: (memory, at, length) => schemaAt(memory, at, at + length) as unknown as Schema<Fields>,
};
