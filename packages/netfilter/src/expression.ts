// Expressions, the instructions of rules. They work on registers. NFTA_EXPR_* of <linux/netfilter/nf_tables.h>.
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
  sbe32,
  schema,
  string,
  type Type,
  u8,
} from '@spider/rtnetlink/codec';
import { nameSize } from './table.ts';

/**
 * NFT_REG_*: `verdict`; 1 to 4, of 16 bytes each; or 8 to 23, the same memory in parts of 4 bytes. Numbers in registers
 * are in host byte order, except for those from a packet.
 */
const register = named(be32, { verdict: 0 });

const verdict = schema(0, () => ({
  /** The verdict. */
  code: attribute(1, named(sbe32, { drop: 0, accept: 1, continue: -1, break: -2, jump: -3, goto: -4, return: -5 })),
  /** Name of the chain to jump or go to. */
  chain: attribute(2, string(nameSize)),
}));

const dataSchema = schema(0, () => ({
  /** Bytes, as in a register. */
  value: attribute(1, binary),
  /** A verdict. */
  verdict: attribute(2 | NLA_F_NESTED, nest(verdict)),
}));

/** A value or a verdict: NFTA_DATA_*. */
export const data: Type<Input<typeof dataSchema.fields>> = nest(dataSchema);

const extension = () => ({
  /** Name of the extension, up to 31 bytes. */
  name: attribute(1, string(32)),
  /** Revision of the extension. */
  revision: attribute(2, be32),
  /** The extension's own structure, in host byte order. */
  info: attribute(3, binary),
});

/** The schema of each kind of expression. For other kinds the data are bytes. */
const expressions = {
  /** Loads or sets metadata of the packet. */
  meta: schema(0, () => ({
    /** Register to load the metadata into. */
    dreg: attribute(1, register),
    /** The metadata: NFT_META_*, nft(8), META EXPRESSIONS. */
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
    /** Register with the metadata to set. */
    sreg: attribute(3, register),
  })),
  /** Compares a register with data. If the comparison is false, the rest of the rule is skipped. */
  cmp: schema(0, () => ({
    /** Register to compare. */
    sreg: attribute(1, register),
    /** The comparison. */
    op: attribute(2, named(be32, { eq: 0, neq: 1, lt: 2, lte: 3, gt: 4, gte: 5 })),
    /** The value to compare with. */
    data: attribute(3 | NLA_F_NESTED, data),
  })),
  /** Computes `dreg = (sreg & mask) ^ xor`, or shifts `sreg` by the number of bits in `data`. */
  bitwise: schema(0, () => ({
    /** Register with the operand. */
    sreg: attribute(1, register),
    /** Register for the result. */
    dreg: attribute(2, register),
    /** Number of bytes. */
    length: attribute(3, be32),
    /** Bits to keep. */
    mask: attribute(4 | NLA_F_NESTED, data),
    /** Bits to invert afterwards. */
    xor: attribute(5 | NLA_F_NESTED, data),
    /** The operation; unset is `boolean`. */
    op: attribute(6, named(be32, { boolean: 0, shiftLeft: 1, shiftRight: 2 })),
    /** Number of bits to shift by, 0 to 31, as a `word`. */
    data: attribute(7 | NLA_F_NESTED, data),
  })),
  /** Turns numbers in registers into the byte order of the network, or of the host. */
  byteorder: schema(0, () => ({
    /** Register with the numbers. */
    sreg: attribute(1, register),
    /** Register for the result. */
    dreg: attribute(2, register),
    /** The direction: from the network's to the host's, or the other way. */
    op: attribute(3, named(be32, { ntoh: 0, hton: 1 })),
    /** Number of bytes. */
    length: attribute(4, be32),
    /** Bytes of each number: 2, 4 or 8. */
    size: attribute(5, be32),
  })),
  /** Loads a value into a register, or returns a verdict. */
  immediate: schema(0, () => ({
    /** Register for the value; `verdict` for a verdict. */
    dreg: attribute(1, register),
    /** The value or the verdict. */
    data: attribute(2 | NLA_F_NESTED, data),
  })),
  /** Loads or sets properties of the packet's connection (conntrack). */
  ct: schema(0, () => ({
    /** Register to load the property into. */
    dreg: attribute(1, register),
    /** The property: NFT_CT_*, nft(8), CONNTRACK EXPRESSIONS. */
    key: attribute(2, named(be32, { state: 0, direction: 1, status: 2, mark: 3, expiration: 5, l3protocol: 7 })),
    /** Direction of the connection, for properties that each direction has. */
    direction: attribute(3, named(u8, { original: 0, reply: 1 })),
    /** Register with the property to set. */
    sreg: attribute(4, register),
  })),
  /** Loads or sets bytes of the packet. */
  payload: schema(0, () => ({
    /** Register to load the bytes into. */
    dreg: attribute(1, register),
    /** Header that `offset` counts from. */
    base: attribute(2, named(be32, { link: 0, network: 1, transport: 2 })),
    /** Position of the first byte. */
    offset: attribute(3, be32),
    /** Number of bytes. */
    length: attribute(4, be32),
    /** Register with the bytes to set. */
    sreg: attribute(5, register),
    /** The checksum to correct after that: of IPv4, TCP and the like (RFC 1071), or of SCTP. */
    checksumType: attribute(6, named(be32, { none: 0, internet: 1, sctp: 2 })),
    /** Position of that checksum. */
    checksumOffset: attribute(7, be32),
    /** 1 if the bytes are part of the pseudo header, so that the checksum of the transport header is corrected too. */
    checksumFlags: attribute(8, be32),
  })),
  /**
   * Looks a register up in a set, and loads the value that a map has for it. If there is none, the rest of the rule is
   * skipped.
   */
  lookup: schema(0, () => ({
    /** Name of the set or map. */
    set: attribute(1, string(nameSize)),
    /** Register with the key. */
    sreg: attribute(2, register),
    /** Register for the value of a map. */
    dreg: attribute(3, register),
    /** 1 inverts the look-up: the rest of the rule is skipped if the set contains the value. */
    flags: attribute(5, be32),
  })),
  /** Looks an address of the packet up in the routing tables. */
  fib: schema(0, () => ({
    /** Register for the result. */
    dreg: attribute(1, register),
    /** What to load: index or name of the interface, or type of the address. */
    result: attribute(2, named(be32, { oif: 1, oifname: 2, addrtype: 3 })),
    /**
     * A sum of NFTA_FIB_F_*: 1 source address, 2 destination address, 4 mark, 8 input interface, 16 output interface, 32
     * loads only whether there is a result.
     */
    flags: attribute(3, be32),
  })),
  /** Translates source or destination of the packet. */
  nat: schema(0, () => ({
    /** Which side to translate: source or destination. */
    type: attribute(1, named(be32, { snat: 0, dnat: 1 })),
    /** NFPROTO_* of <linux/netfilter.h>: 2 IPv4, 10 IPv6. */
    family: attribute(2, be32),
    /** Register with the first address to use. */
    addressMin: attribute(3, register),
    /** Register with the last address to use. */
    addressMax: attribute(4, register),
    /** Register with the first port to use. */
    portMin: attribute(5, register),
    /** Register with the last port to use. */
    portMax: attribute(6, register),
    /** A sum of NF_NAT_RANGE_* of <linux/netfilter/nf_nat.h>. */
    flags: attribute(7, be32),
  })),
  /** Translates the source to the address of the interface that the packet leaves by. */
  masq: schema(0, () => ({
    /** A sum of NF_NAT_RANGE_* of <linux/netfilter/nf_nat.h>. */
    flags: attribute(1, be32),
    /** Register with the first port to use. */
    portMin: attribute(2, register),
    /** Register with the last port to use. */
    portMax: attribute(3, register),
  })),
  /** Translates the destination to the machine itself. */
  redir: schema(0, () => ({
    /** Register with the first port to use. */
    portMin: attribute(1, register),
    /** Register with the last port to use. */
    portMax: attribute(2, register),
    /** A sum of NF_NAT_RANGE_* of <linux/netfilter/nf_nat.h>. */
    flags: attribute(3, be32),
  })),
  /** Generates a number from `offset` to `offset + modulus - 1`, for load balancing. */
  numgen: schema(0, () => ({
    /** Register for the number. */
    dreg: attribute(1, register),
    /** How many numbers there are. */
    modulus: attribute(2, be32),
    /** Whether numbers are generated in turn or at random. */
    type: attribute(3, named(be32, { incremental: 0, random: 1 })),
    /** The first number. */
    offset: attribute(4, be32),
  })),
  /** A match of xtables, as iptables-nft uses it. */
  match: schema(0, extension),
  /** A target of xtables, as iptables-nft uses it. */
  target: schema(0, extension),
  /** Counts the packets and bytes that reach it. */
  counter: schema(0, () => ({
    /** Bytes counted so far. */
    bytes: attribute(1, be64),
    /** Packets counted so far. */
    packets: attribute(2, be64),
  })),
} as const;

type Expressions = typeof expressions;

/**
 * An expression: the name of its kind in the kernel, and the properties of that kind. `if (expression.name === 'cmp')`
 * narrows the type of `data`. For a kind that this package has no schema for, such as `limit`, the data are bytes:
 * `rawData`.
 */
export type Expression =
  | {
      [K in keyof Expressions]: { readonly name: K; readonly data?: Input<Expressions[K]['fields']> | undefined };
    }[keyof Expressions]
  | { readonly name: string; readonly data?: undefined; readonly rawData?: Uint8Array | undefined };

const DATA = 2;

/** The data as attributes if they have a schema, otherwise as bytes. */
const expressionSchema = (data?: Schema<Fields>) =>
  schema(0, () => ({
    name: attribute(1, string(32)),
    ...(data
      ? { data: attribute(DATA | NLA_F_NESTED, nest(data)) }
      : { rawData: attribute(DATA | NLA_F_NESTED, binary) }),
  }));

// Expression has the types of the data; in this file they are opaque.
type ExpressionSchema = ReturnType<typeof expressionSchema>;

/** For kinds without a schema, and to read the kind before the data. */
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

/**
 * A number from 0 to 4294967295 as in a register: 4 bytes in host byte order.
 * @throws RangeError for any other number
 */
export function word(value: number): Uint8Array {
  if (value >>> 0 !== value) throw new RangeError(`${value} is not an integer from 0 to 4294967295`);
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/**
 * The name of an interface, up to 15 bytes, as in a register of 16 bytes.
 * @throws RangeError for a longer name
 */
export function interfaceName(name: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const { read } = new TextEncoder().encodeInto(name, bytes.subarray(0, 15));
  if (read < name.length) throw new RangeError(`${JSON.stringify(name)} is not a name of at most 15 bytes`);
  return bytes;
}
