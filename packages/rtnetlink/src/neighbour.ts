// Neighbour entries (ARP, NDP): struct ndmsg and NDA_* of <linux/neighbour.h>, ip-neighbour(8).
import { attribute, header } from './codec/field.ts';
import { message } from './codec/message.ts';
import { type Input, type Output, schema } from './codec/schema.ts';
import { be16, ip, linkAddress, named, s32, struct, u8, u16, u32 } from './codec/type.ts';
import { family, protocol } from './names.ts';
import { verbs } from './request.ts';

/** State of a neighbour entry: NUD_* of <linux/neighbour.h>. Combinations are numbers. */
export const neighbourState = named(u16, {
  none: 0,
  incomplete: 1,
  reachable: 2,
  stale: 4,
  delay: 8,
  probe: 16,
  failed: 32,
  noarp: 64,
  permanent: 128,
});

/** Flags of a neighbour entry or of a forwarding table's entry: NTF_* of <linux/neighbour.h>. */
export const neighbourFlags = {
  /** Request: resolves the entry at once, as if a packet used it. */
  use: 1,
  /** Forwarding tables: the table of the link itself. */
  self: 2,
  /** Forwarding tables: the table of the bridge that the link is a port of. */
  master: 4,
  /** The node answers for this address (proxy ARP, proxy NDP). */
  proxy: 8,
  /** Learned by a program or by hardware outside the kernel; such an entry does not age. */
  extLearned: 16,
  /** Installed in hardware. Set by the kernel. */
  offloaded: 32,
  /** Forwarding tables: the entry stays if its address is seen at another port. */
  sticky: 64,
  /** The neighbour is a router. IPv6. */
  router: 128,
} as const;

/** Hundredths of a second since the entry was confirmed, used and updated, and its number of references. */
export const cacheInfo = () => struct({ confirmed: u32, used: u32, updated: u32, references: u32 });

/** Bytes of struct ndmsg. */
const headerSize = 12;

/** Fields that few programs need. */
const restOfNeighbour = schema(headerSize, () => ({
  /** Type of the destination: RTN_*. Set by the kernel. */
  type: header(11, u8),
  /** Ages of the entry. */
  cacheInfo: attribute(3, cacheInfo()),
  /** Number of probes sent so far. */
  probes: attribute(4, u32),
  /** Forwarding tables: the VLAN. */
  vlan: attribute(5, u16),
  /** Forwarding tables, vxlan: destination UDP port. */
  port: attribute(6, be16),
  /** Forwarding tables, vxlan: network identifier. */
  vni: attribute(7, u32),
  /**
   * Index of an interface other than that of `index`: the filter of a list, or the interface that vxlan sends through.
   */
  ifindex: attribute(8, u32),
  /** Index of the bridge, bond or VRF of the interface. */
  master: attribute(9, u32),
  /** Forwarding tables, vxlan: number of the namespace that the link sends through. */
  netnsid: attribute(10, s32),
  /** Forwarding tables, vxlan: identifier of a nexthop group. */
  nexthopId: attribute(13, u32),
  /** NTF_EXT_*: 1 the kernel itself keeps the entry reachable (`managed`). Linux 5.16. */
  flagsExt: attribute(15, u32),
}));

/** struct ndmsg and its attributes. */
export const neighbourMessage = message({
  kind: 'neighbour',
  types: { add: 28, delete: 29, get: 30 },
  headerSize,
  familyFrom: ['dst'],
  fields: () => ({
    /** If unset in a request, it follows from `dst`. */
    family: header(0, family),
    /** Index of the interface. */
    index: header(4, s32),
    /** State of the entry; `permanent` for one that does not expire. */
    state: header(8, neighbourState),
    /** A sum of `neighbourFlags`. */
    flags: header(10, u8),
    /** IP address of the neighbour. */
    dst: attribute(1, ip),
    /** Link-layer address of the neighbour; in a tunnel over IPv4 an IPv4 address. */
    address: attribute(2, linkAddress),
    /** Who installed the entry. */
    protocol: attribute(12, protocol),
  }),
  rest: restOfNeighbour,
});

/** A neighbour entry, as the kernel reports it. */
export type Neighbour = Output<typeof neighbourMessage.fields>;
/** A neighbour entry, as a request describes it. */
export type NeighbourInput = Input<typeof neighbourMessage.fields>;

// The kernel filters a list by these fields only and refuses a request that has others. With the flag `proxy` it lists
// proxy entries instead of the others. It takes the interface from the attribute, and refuses it in the header.
const plain = verbs(neighbourMessage, ({ family, index, ifindex = index, master, flags = 0 }) => ({
  family,
  ifindex,
  master,
  flags: flags & neighbourFlags.proxy || undefined,
}));

/** Requests about neighbour entries (ip-neighbour(8)). */
export const neighbour: Omit<typeof plain, 'append'> = {
  add: plain.add,
  replace: plain.replace,
  set: plain.set,
  delete: plain.delete,
  get: plain.get,
  list: plain.list,
};
