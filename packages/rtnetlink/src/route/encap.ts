// What is put around packets that leave by a route (light-weight tunnels): LWTUNNEL_* of <linux/lwtunnel.h>, ip-route(8).
import { Extent } from '../codec/extent.ts';
import { attribute, type Field, NLA_F_NESTED } from '../codec/field.ts';
import { errorIn } from '../codec/invalid-field.ts';
import type { Memory } from '../codec/memory.ts';
import { type Fields, type Input, Schema } from '../codec/schema.ts';
import { be16, be64, binary, checkObject, ip, named, u8, u16, u32 } from '../codec/type.ts';
import { labelStack } from './labels.ts';
import { segmentRoute } from './seg6.ts';

const actions = {
  End: 1,
  'End.X': 2,
  'End.T': 3,
  'End.DX2': 4,
  'End.DX6': 5,
  'End.DX4': 6,
  'End.DT6': 7,
  'End.DT4': 8,
  'End.B6': 9,
  'End.B6.Encaps': 10,
  'End.BM': 11,
  'End.S': 12,
  'End.AS': 13,
  'End.AM': 14,
  'End.BPF': 15,
  'End.DT46': 16,
};

/** IP around the packet, by a tunnel link that is told by each (`external`). */
const tunnel = {
  /** The key or network identifier of the tunnel. */
  id: attribute(1, be64),
  dst: attribute(2, ip),
  src: attribute(3, ip),
};

const encaps = {
  /** MPLS labels (RFC 3032). */
  mpls: () => ({
    /** Outermost first. */
    labels: attribute(1, labelStack),
    /** 0 takes that of the packet. */
    ttl: attribute(2, u8),
  }),
  ip: () => ({
    ...tunnel,
    ttl: attribute(4, u8),
    tos: attribute(5, u8),
    /** A sum, TUNNEL_* of <linux/if_tunnel.h>: 1 checksum, 4 key, 8 sequence number. */
    flags: attribute(6, be16),
    /** Options of geneve, vxlan or erspan, as bytes. */
    options: attribute(8, binary),
  }),
  ip6: () => ({
    ...tunnel,
    hoplimit: attribute(4, u8),
    trafficClass: attribute(5, u8),
    flags: attribute(6, be16),
    options: attribute(8, binary),
  }),
  /** Segment routing (RFC 8754). */
  seg6: () => ({ route: attribute(1, segmentRoute) }),
  /** What a node of segment routing does (RFC 8986). */
  seg6local: () => ({
    action: attribute(1, named(u32, actions)),
    table: attribute(3, u32),
    nh4: attribute(4, ip),
    nh6: attribute(5, ip),
    iif: attribute(6, u32),
    oif: attribute(7, u32),
    vrfTable: attribute(9, u32),
  }),
  /** IPsec by an interface of kind `xfrm`. Linux 6.2. */
  xfrm: () => ({ ifId: attribute(1, u32), link: attribute(2, u32) }),
} as const;

const types = { mpls: 1, ip: 2, ila: 3, ip6: 4, seg6: 5, bpf: 6, seg6local: 7, rpl: 8, ioam6: 9, xfrm: 10 } as const;

type Known = keyof typeof encaps;

/** What is put around packets. Of a type that has no fields here the data stay bytes. */
export type Encap =
  | { [K in Known]: { readonly type: K } & Input<ReturnType<(typeof encaps)[K]>> }[Known]
  | { readonly type: Exclude<keyof typeof types, Known> | number; readonly data: Uint8Array };

const typeType = named(u16, types);
const schemas = new Map<string, Schema<Fields>>();

function schemaOf(type: string | number | undefined): Schema<Fields> | undefined {
  if (typeof type !== 'string' || !Object.hasOwn(encaps, type)) return undefined;
  let found = schemas.get(type);
  if (!found) {
    found = new Schema<Fields>(0, encaps[type as Known]);
    schemas.set(type, found);
  }
  return found;
}

/** The type in one attribute, and in another what it means. */
export function encap(typeId: number, id: number): Field<Encap, false> {
  const kind = attribute(typeId, typeType);
  const data = attribute(id, binary);
  return {
    always: false,
    id,
    needs: id,
    insideOf: (memory: Memory, start: number, end: number) =>
      schemaOf(kind.read(new Extent(0).moveTo(memory, start, end))),
    read(extent) {
      const type = kind.read(extent);
      const at = extent.find(id);
      if (type === undefined || at < 0) return undefined;
      const inner = schemaOf(type);
      const value = inner ? inner.read(extent.memory, at, at + extent.lengthAt(at)) : { data: data.read(extent) };
      return { type, ...value } as Encap;
    },
    write(writer, value, start) {
      checkObject(value);
      const { type, ...rest } = value;
      const inner = schemaOf(type);
      if (inner) writer.attribute(id | NLA_F_NESTED, inner, rest as Input<Fields>);
      else data.write(writer, (rest as { data: Uint8Array }).data, start);
      try {
        kind.write(writer, type, start);
      } catch (error) {
        throw errorIn('type', error);
      }
    },
  };
}
