// Encapsulation of packets by a route (lightweight tunnels): LWTUNNEL_* of <linux/lwtunnel.h>, ip-route(8).
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

/** An outer IP header, added by a tunnel link that takes its parameters from each packet (`external`). */
const tunnel = {
  /** Key or network identifier of the tunnel. */
  id: attribute(1, be64),
  /** Destination of outer packets. */
  dst: attribute(2, ip),
  /** Source of outer packets. */
  src: attribute(3, ip),
};

const encaps = {
  /** MPLS labels (RFC 3032). */
  mpls: () => ({
    /** The labels, outermost first. */
    labels: attribute(1, labelStack),
    /** Hop limit of the labels; 0 copies that of the packet. */
    ttl: attribute(2, u8),
  }),
  /** An outer IPv4 header: LWTUNNEL_IP_*. */
  ip: () => ({
    ...tunnel,
    /** Hop limit of outer packets. */
    ttl: attribute(4, u8),
    /** Type of service of outer packets. */
    tos: attribute(5, u8),
    /** A sum of TUNNEL_* of <linux/if_tunnel.h>: 1 checksum, 4 key, 8 sequence number. */
    flags: attribute(6, be16),
    /** Options of geneve, vxlan or erspan, as bytes. */
    options: attribute(8, binary),
  }),
  /** An outer IPv6 header: LWTUNNEL_IP6_*. */
  ip6: () => ({
    ...tunnel,
    /** Hop limit of outer packets. */
    hoplimit: attribute(4, u8),
    /** Traffic class of outer packets. */
    trafficClass: attribute(5, u8),
    /** A sum of TUNNEL_*, as for `ip`. */
    flags: attribute(6, be16),
    /** Options of geneve, vxlan or erspan, as bytes. */
    options: attribute(8, binary),
  }),
  /** Segment routing (RFC 8754). */
  seg6: () => ({
    /** The segments, and how they are added to the packet. */
    route: attribute(1, segmentRoute),
  }),
  /** Behaviour of a segment routing endpoint (RFC 8986): SEG6_LOCAL_* of <linux/seg6_local.h>. */
  seg6local: () => ({
    /** The behaviour. */
    action: attribute(1, named(u32, actions)),
    /** Routing table to look up. */
    table: attribute(3, u32),
    /** IPv4 next hop. */
    nh4: attribute(4, ip),
    /** IPv6 next hop. */
    nh6: attribute(5, ip),
    /** Index of the incoming interface. */
    iif: attribute(6, u32),
    /** Index of the outgoing interface. */
    oif: attribute(7, u32),
    /** Routing table of a VRF to look up. */
    vrfTable: attribute(9, u32),
  }),
  /** IPsec by an interface of kind `xfrm`. Linux 6.2. */
  xfrm: () => ({
    /** Identifier of the interface in IPsec policies and states. */
    ifId: attribute(1, u32),
    /** Index of the lower link. */
    link: attribute(2, u32),
  }),
} as const;

const types = { mpls: 1, ip: 2, ila: 3, ip6: 4, seg6: 5, bpf: 6, seg6local: 7, rpl: 8, ioam6: 9, xfrm: 10 } as const;

type Known = keyof typeof encaps;

/** Encapsulation of packets. For a type that this package has no fields for, the data are bytes. */
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

/** Encapsulation: its type in one attribute, its data in another. */
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
