// Neighbours (ARP, NDP, bridge forwarding): struct ndmsg and NDA_* of <linux/neighbour.h>, ip-neighbour(8), bridge(8).
import { attribute, header } from './codec/field.ts';
import { message } from './codec/message.ts';
import { type Input, type Output, schema } from './codec/schema.ts';
import { be16, ip, linkAddress, named, s32, struct, u8, u16, u32 } from './codec/type.ts';
import { family, protocol } from './names.ts';
import { verbs } from './request.ts';

/** What is known of a neighbour, NUD_*. */
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

/** Flags of a neighbour, NTF_*. */
export const neighbourFlags = {
  use: 1,
  self: 2,
  master: 4,
  proxy: 8,
  extLearned: 16,
  offloaded: 32,
  sticky: 64,
  router: 128,
} as const;

/** Clock ticks (hundredths of a second) since each happened, and how many use it. */
export const cacheInfo = () => struct({ confirmed: u32, used: u32, updated: u32, references: u32 });

/** Bytes of struct ndmsg. */
const headerSize = 12;

/** What most programs need not know of a neighbour. */
const restOfNeighbour = schema(headerSize, () => ({
  type: header(11, u8),
  cacheInfo: attribute(3, cacheInfo()),
  /** Probes that were sent. */
  probes: attribute(4, u32),
  vlan: attribute(5, u16),
  port: attribute(6, be16),
  vni: attribute(7, u32),
  /** The interface, where it is not the header's: the filter of a list, the device that encapsulates (vxlan). */
  ifindex: attribute(8, u32),
  master: attribute(9, u32),
  netnsid: attribute(10, s32),
  nexthopId: attribute(13, u32),
  /** NTF_EXT_*: 1 the kernel keeps it reachable by itself (`managed`). Linux 5.16. */
  flagsExt: attribute(15, u32),
}));

/** struct ndmsg and its attributes. */
export const neighbourMessage = message({
  kind: 'neighbour',
  types: { add: 28, delete: 29, get: 30 },
  headerSize,
  familyFrom: ['dst'],
  fields: () => ({
    family: header(0, family),
    /** The interface. */
    index: header(4, s32),
    state: header(8, neighbourState),
    /** A sum of `neighbourFlags`. */
    flags: header(10, u8),
    dst: attribute(1, ip),
    /** The link-layer address. */
    address: attribute(2, linkAddress),
    protocol: attribute(12, protocol),
  }),
  rest: restOfNeighbour,
});

/** A neighbour, as the kernel tells it. */
export type Neighbour = Output<typeof neighbourMessage.fields>;
/** A neighbour to be asked of the kernel. */
export type NeighbourInput = Input<typeof neighbourMessage.fields>;

// The kernel lists by these, and proxies in the place of the others where it is asked for them; it refuses other questions.
// Unlike other lists, this one is filtered by the attribute and refuses the header's field.
const plain = verbs(neighbourMessage, ({ family, index, ifindex = index, master, flags = 0 }) => ({
  family,
  ifindex,
  master,
  flags: flags & neighbourFlags.proxy || undefined,
}));

/** Requests about neighbours (ip-neighbour(8)). */
export const neighbour: Omit<typeof plain, 'append'> = {
  add: plain.add,
  replace: plain.replace,
  set: plain.set,
  delete: plain.delete,
  get: plain.get,
  list: plain.list,
};
