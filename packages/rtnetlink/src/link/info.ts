// IFLA_LINKINFO: the kind of a link, and data whose form depends on it.
import { attribute, type Extent } from '../codec/field.ts';
import { type Fields, type Input, nest, type Schema, schema } from '../codec/schema.ts';
import { binary, string, type Type } from '../codec/type.ts';
import { kinds } from './kinds.ts';

type Kinds = typeof kinds;

/** A link's kind and what that kind has of its own. */
export type LinkInfo =
  | { [K in keyof Kinds]: { readonly kind: K; readonly data?: Input<Kinds[K]['fields']> | undefined; readonly slaveKind?: string } }[keyof Kinds]
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

function schemaAt(extent: Extent): InfoSchema {
  return schemaOf(kindField.read(extent));
}

const extentOf = (memory: Extent['memory'], at: number, length: number): Extent => ({
  memory,
  start: at,
  attributes: at,
  end: at + length,
});

export const linkInfo: Type<LinkInfo> = {
  read: (memory, at, length) =>
    schemaAt(extentOf(memory, at, length)).read(memory, at, at + length) as LinkInfo,
  write: (writer, value) => schemaOf(value.kind).write(writer, value),
  fieldAt(memory, at, length, offset) {
    const extent = extentOf(memory, at, length);
    return schemaAt(extent).fieldAt(extent, offset);
  },
};
