// IFLA_LINKINFO: the kind of a link, and data whose format depends on the kind.
import { attribute } from '../codec/field.ts';
import type { Memory } from '../codec/memory.ts';
import { type Fields, type Input, nest, type Schema, schema } from '../codec/schema.ts';
import { bareString, binary, type Type } from '../codec/type.ts';
import { kinds, ports } from './kinds.ts';

type Data<Makers extends Record<string, () => Fields>, Kind extends keyof Makers> = Input<ReturnType<Makers[Kind]>>;

/** The link's own kind. */
type OwnInfo =
  | {
      [K in keyof typeof kinds]: { readonly kind: K; readonly data?: Data<typeof kinds, K> | undefined };
    }[keyof typeof kinds]
  | { readonly kind: string; readonly data?: undefined; readonly rawData?: Uint8Array | undefined }
  | { readonly kind?: undefined; readonly data?: undefined };

/** The kind of the link that it is a port of. */
type PortInfo =
  | {
      [K in keyof typeof ports]: { readonly slaveKind: K; readonly slaveData?: Data<typeof ports, K> | undefined };
    }[keyof typeof ports]
  | { readonly slaveKind: string; readonly slaveData?: undefined; readonly rawSlaveData?: Uint8Array | undefined }
  | { readonly slaveKind?: undefined; readonly slaveData?: undefined };

/**
 * The kind of a link with the properties of that kind (`data`), and the kind of the link that it is a port of with the
 * properties of the port (`slaveData`). `if (info.kind === 'vlan')` narrows the type of `data`. For a kind that this
 * package has no fields for, the data are bytes: `rawData`, `rawSlaveData`.
 */
export type LinkInfo = OwnInfo & PortInfo & { readonly statistics?: Uint8Array | undefined };

/** The data as attributes if they have fields, otherwise as bytes. */
const infoSchema = (data: (() => Fields) | undefined, slaveData: (() => Fields) | undefined) =>
  schema(0, () => ({
    /** Name of the kind, up to 63 bytes. */
    kind: attribute(1, bareString(63)),
    ...(data ? { data: attribute(2, dataType(data)) } : { rawData: attribute(2, binary) }),
    /** Statistics of the kind, as bytes. */
    statistics: attribute(3, binary),
    /** Kind of the link that it is a port of, up to 63 bytes. */
    slaveKind: attribute(4, bareString(63)),
    ...(slaveData ? { slaveData: attribute(5, dataType(slaveData)) } : { rawSlaveData: attribute(5, binary) }),
  }));

// LinkInfo has the types of the data; in this file they are opaque.
type InfoSchema = ReturnType<typeof infoSchema>;

/** For kinds without fields, and to read the kind before the data. */
const other = infoSchema(undefined, undefined);
const schemas = new Map<string, InfoSchema>();

function schemaOf(kind: string | undefined, slaveKind: string | undefined): InfoSchema {
  const known = kind !== undefined && Object.hasOwn(kinds, kind);
  const knownPort = slaveKind !== undefined && Object.hasOwn(ports, slaveKind);
  if (!known && !knownPort) return other;
  const key = `${known ? kind : ''} ${knownPort ? slaveKind : ''}`;
  let found = schemas.get(key);
  if (!found) {
    found = infoSchema(
      known ? kinds[kind as keyof typeof kinds] : undefined,
      knownPort ? ports[slaveKind as keyof typeof ports] : undefined,
    );
    schemas.set(key, found);
  }
  return found;
}

function dataType(fields: () => Fields): Type<unknown> {
  return nest(schema(0, fields) as Schema<Fields>) as Type<unknown>;
}

function schemaAt(memory: Memory, at: number, length: number): InfoSchema {
  const { kind, slaveKind = askedPort(kind) } = other.read(memory, at, at + length);
  return schemaOf(kind, slaveKind);
}

/** ip-link(8) requests the data of a port by a kind of its own, such as `bridge_slave`. */
function askedPort(kind: string | undefined): string | undefined {
  return typeof kind === 'string' && kind.endsWith('_slave') ? kind.slice(0, -'_slave'.length) : undefined;
}

/** The codec of IFLA_LINKINFO. */
export const linkInfo: Type<LinkInfo> = {
  read: (memory, at, length) => schemaAt(memory, at, length).read(memory, at, at + length) as LinkInfo,
  write: (writer, value) => schemaOf(value?.kind, value?.slaveKind ?? askedPort(value?.kind)).write(writer, value),
  schemaAt,
  // The format of the data depends on the kind, so data are read only together with all other fields.
  only: names => (names.includes('data') || names.includes('slaveData') ? linkInfo : nest(other).only!(names)),
};
