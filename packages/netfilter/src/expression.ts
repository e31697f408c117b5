// What rules are made of: expressions, small programs over registers, NFTA_EXPR_* of <linux/netfilter/nf_tables.h>.
import {
  attribute,
  be32,
  be64,
  binary,
  type Fields,
  type Input,
  NLA_F_NESTED,
  named,
  nest,
  type Schema,
  schema,
  string,
  type Type,
  u8,
} from '@spider/rtnetlink/codec';
import { signedBe32 } from './integer.ts';
import { nameSize } from './table.ts';

/**
 * NFT_REG_*: `verdict`; 1 to 4, of 16 bytes each; or 8 to 23, the same in parts of 4 bytes. Numbers in them are in host
 * order, but for what comes from a packet.
 */
const register = named(be32, { verdict: 0 });

const verdict = schema(0, () => ({
  code: attribute(
    1,
    named(signedBe32, { drop: 0, accept: 1, continue: -1, break: -2, jump: -3, goto: -4, return: -5 }),
  ),
  /** Where to jump or go. */
  chain: attribute(2, string(nameSize)),
}));

const dataSchema = schema(0, () => ({
  /** Bytes as they stand in a register. */
  value: attribute(1, binary),
  verdict: attribute(2 | NLA_F_NESTED, nest(verdict)),
}));

/** A value or a verdict, NFTA_DATA_*. */
export const data: Type<Input<typeof dataSchema.fields>> = nest(dataSchema);

const extension = () => ({
  name: attribute(1, string(32)),
  revision: attribute(2, be32),
  /** The extension's own structure, in host order. */
  info: attribute(3, binary),
});

/** One schema per kind of expression. One that is not here keeps its data as bytes. */
const expressions = {
  /** Loads or sets what is known of a packet beside its bytes. */
  meta: schema(0, () => ({
    dreg: attribute(1, register),
    key: attribute(
      2,
      named(be32, {
        length: 0,
        protocol: 1,
        priority: 2,
        mark: 3,
        iif: 4,
        oif: 5,
        iifname: 6,
        oifname: 7,
        iiftype: 8,
        oiftype: 9,
        skuid: 10,
        skgid: 11,
        nftrace: 12,
        nfproto: 15,
        l4proto: 16,
        pkttype: 19,
        cgroup: 23,
      }),
    ),
    sreg: attribute(3, register),
  })),
  /** Goes on with the rule only where a register compares so. */
  cmp: schema(0, () => ({
    sreg: attribute(1, register),
    op: attribute(2, named(be32, { eq: 0, neq: 1, lt: 2, lte: 3, gt: 4, gte: 5 })),
    data: attribute(3 | NLA_F_NESTED, data),
  })),
  /** `dreg = (sreg & mask) ^ xor`. */
  bitwise: schema(0, () => ({
    sreg: attribute(1, register),
    dreg: attribute(2, register),
    /** Bytes. */
    length: attribute(3, be32),
    mask: attribute(4 | NLA_F_NESTED, data),
    xor: attribute(5 | NLA_F_NESTED, data),
    op: attribute(6, named(be32, { boolean: 0, shiftLeft: 1, shiftRight: 2 })),
  })),
  /** Loads a value, or passes a verdict. */
  immediate: schema(0, () => ({
    dreg: attribute(1, register),
    data: attribute(2 | NLA_F_NESTED, data),
  })),
  /** Loads or sets what conntrack knows of the packet's connection. */
  ct: schema(0, () => ({
    dreg: attribute(1, register),
    key: attribute(2, named(be32, { state: 0, direction: 1, status: 2, mark: 3, expiration: 5, l3protocol: 7 })),
    direction: attribute(3, named(u8, { original: 0, reply: 1 })),
    sreg: attribute(4, register),
  })),
  /** Loads bytes of the packet. */
  payload: schema(0, () => ({
    dreg: attribute(1, register),
    base: attribute(2, named(be32, { link: 0, network: 1, transport: 2 })),
    /** Bytes. */
    offset: attribute(3, be32),
    length: attribute(4, be32),
  })),
  /** Goes on with the rule where a register is in a set; loads what a map has for it. */
  lookup: schema(0, () => ({
    set: attribute(1, string(nameSize)),
    sreg: attribute(2, register),
    dreg: attribute(3, register),
    /** 1: go on where it is not in the set. */
    flags: attribute(5, be32),
  })),
  /** Loads what routing says of an address of the packet. */
  fib: schema(0, () => ({
    dreg: attribute(1, register),
    result: attribute(2, named(be32, { oif: 1, oifname: 2, addrtype: 3 })),
    /** Of NFTA_FIB_F_*: 1 source, 2 destination, 4 mark, 8 input, 16 output interface, 32 present. */
    flags: attribute(3, be32),
  })),
  /** Translates the packet's source or destination. */
  nat: schema(0, () => ({
    type: attribute(1, named(be32, { snat: 0, dnat: 1 })),
    /** NFPROTO_*. */
    family: attribute(2, be32),
    addressMin: attribute(3, register),
    addressMax: attribute(4, register),
    portMin: attribute(5, register),
    portMax: attribute(6, register),
    flags: attribute(7, be32),
  })),
  /** Translates the source to an address of the interface that the packet leaves by. */
  masq: schema(0, () => ({
    flags: attribute(1, be32),
    portMin: attribute(2, register),
    portMax: attribute(3, register),
  })),
  /** Makes the machine itself the destination. */
  redir: schema(0, () => ({
    portMin: attribute(1, register),
    portMax: attribute(2, register),
    flags: attribute(3, be32),
  })),
  /** Loads a number of its own making: how load is spread. */
  numgen: schema(0, () => ({
    dreg: attribute(1, register),
    modulus: attribute(2, be32),
    type: attribute(3, named(be32, { incremental: 0, random: 1 })),
    offset: attribute(4, be32),
  })),
  /** A match of xtables, as iptables-nft makes them. */
  match: schema(0, extension),
  /** A target of xtables. */
  target: schema(0, extension),
  counter: schema(0, () => ({
    bytes: attribute(1, be64),
    packets: attribute(2, be64),
  })),
} as const;

type Expressions = typeof expressions;

/**
 * An expression: its kind, as the kernel names it, and what that kind has of its own. `if (expression.name === 'cmp')` tells
 * the form of `data`. Of a kind without a schema here, such as `limit`, the data stay bytes: `rawData`.
 */
export type Expression =
  | {
      [K in keyof Expressions]: { readonly name: K; readonly data?: Input<Expressions[K]['fields']> | undefined };
    }[keyof Expressions]
  | { readonly name: string; readonly data?: undefined; readonly rawData?: Uint8Array | undefined };

const DATA = 2;

/** The data as attributes where they have a schema, else as bytes. */
const expressionSchema = (data?: Schema<Fields>) =>
  schema(0, () => ({
    name: attribute(1, string(32)),
    ...(data
      ? { data: attribute(DATA | NLA_F_NESTED, nest(data)) }
      : { rawData: attribute(DATA | NLA_F_NESTED, binary) }),
  }));

// Which form the data have is known to Expression; in here they are opaque.
type ExpressionSchema = ReturnType<typeof expressionSchema>;

/** For kinds without a schema of their own, and to learn the kind before the rest can be read. */
const other = expressionSchema();
const schemas = new Map<string, ExpressionSchema>();

function schemaOf(name: string | undefined): ExpressionSchema {
  if (name === undefined || !Object.hasOwn(expressions, name)) return other;
  let known = schemas.get(name);
  if (!known) {
    known = expressionSchema(expressions[name as keyof Expressions] as Schema<Fields>);
    schemas.set(name, known);
  }
  return known;
}

type Place = Parameters<Type<unknown>['read']>;

function schemaAt(...[memory, at, length]: Place): ExpressionSchema {
  return schemaOf(other.read(memory, at, at + length).name);
}

/** The codec of an expression. */
export const expression: Type<Expression> = {
  read: (memory, at, length) => schemaAt(memory, at, length).read(memory, at, at + length) as Expression,
  write: (writer, value) => schemaOf(value?.name).write(writer, value),
  schemaAt,
};

/** A number, 0 to 4294967295, as it stands in a register: 4 bytes in host order. @throws RangeError for any other */
export function word(value: number): Uint8Array {
  if (value >>> 0 !== value) throw new RangeError(`${value} is not an integer from 0 to 4294967295`);
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** The name of an interface, up to 15 bytes, as it stands in a register: 16 bytes. @throws RangeError for a longer one */
export function interfaceName(name: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const { read } = new TextEncoder().encodeInto(name, bytes.subarray(0, 15));
  if (read < name.length) throw new RangeError(`${JSON.stringify(name)} is not a name of at most 15 bytes`);
  return bytes;
}
