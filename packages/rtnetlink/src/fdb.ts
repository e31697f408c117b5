// Forwarding tables of bridges and vxlan links: struct ndmsg and NDA_* of <linux/neighbour.h>, `bridge fdb` of bridge(8).
import { attribute, header } from './codec/field.ts';
import { message } from './codec/message.ts';
import type { Input, Output } from './codec/schema.ts';
import { be16, ip, linkAddress, s32, u8, u16, u32 } from './codec/type.ts';
import { family } from './names.ts';
import { cacheInfo, neighbourFlags, neighbourState } from './neighbour.ts';
import { verbs } from './request.ts';

const AF_BRIDGE = 7;

/** struct ndmsg and its attributes, as bridges use them. */
export const fdbMessage = message({
  kind: 'fdb',
  types: { add: 28, delete: 29, get: 30 },
  family: AF_BRIDGE,
  headerSize: 12,
  fields: () => ({
    /** Address family; always `bridge`. */
    family: header(0, family),
    /** Index of the port, or of the vxlan link. */
    index: header(4, s32),
    /** `permanent` for addresses of the port itself, `noarp` for static entries, `reachable` for entries that age. */
    state: header(8, neighbourState),
    /** A sum of `neighbourFlags`: `self` is the table of the link itself, `master` the table of its bridge. */
    flags: header(10, u8),
    /** The hardware address. */
    address: attribute(2, linkAddress),
    /** vxlan: address of the tunnel endpoint (VTEP) where the hardware address is. */
    dst: attribute(1, ip),
    /** Ages of the entry. */
    cacheInfo: attribute(3, cacheInfo()),
    /** The VLAN that the entry is for. */
    vlan: attribute(5, u16),
    /** vxlan: destination UDP port, if it is not that of the link. */
    port: attribute(6, be16),
    /** vxlan: network identifier to send with, if it is not that of the link. */
    vni: attribute(7, u32),
    /** vxlan: index of the interface to send through, if it is not that of the link. */
    ifindex: attribute(8, u32),
    /** Index of the bridge. */
    master: attribute(9, u32),
    /** vxlan: number of the namespace that the link sends through (NDA_LINK_NETNSID). */
    netnsid: attribute(10, s32),
    /** vxlan with `collectMetadata`: the network identifier that the entry is for. */
    srcVni: attribute(11, u32),
    /** vxlan: identifier of a nexthop group for `fdb`, instead of `dst`. */
    nexthopId: attribute(13, u32),
    /** NTF_EXT_*: 2 locked. */
    flagsExt: attribute(15, u32),
  }),
});

/** An entry of a forwarding table, as the kernel reports it. */
export type FdbEntry = Output<typeof fdbMessage.fields>;
/** An entry of a forwarding table, as a request describes it. */
export type FdbInput = Input<typeof fdbMessage.fields>;

/** Defaults of bridge(8): a permanent entry in the table of the link itself. */
function withDefaults(entry: FdbInput): FdbInput {
  const flags = entry.flags ?? 0;
  const placed = flags & (neighbourFlags.self | neighbourFlags.master);
  return { state: 'permanent', ...entry, flags: placed ? flags : flags | neighbourFlags.self };
}

// The kernel filters a list by these fields only. It refuses a request that has others.
const plain = verbs(fdbMessage, ({ index, master }) => ({ index, master }));

/**
 * Requests about forwarding tables (bridge(8)). Entries are `permanent` and `self` if the request does not say otherwise.
 */
export const fdb: Omit<typeof plain, 'set'> = {
  add: entry => plain.add(withDefaults(entry)),
  replace: entry => plain.replace(withDefaults(entry)),
  append: entry => plain.append(withDefaults(entry)),
  delete: entry => plain.delete(withDefaults(entry)),
  get: plain.get,
  list: plain.list,
};
