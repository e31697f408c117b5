// Forwarding tables of bridges and of vxlan: struct ndmsg and NDA_* of <linux/neighbour.h>, `bridge fdb` of bridge(8).
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
    family: header(0, family),
    /** The port, or the vxlan. */
    index: header(4, s32),
    /** `permanent` for addresses of the port itself, `noarp` for such as stay, `reachable` for such as age. */
    state: header(8, neighbourState),
    /** A sum of `neighbourFlags`: `self` is the link's own table, `master` that of the bridge it is a port of. */
    flags: header(10, u8),
    /** The hardware address. */
    address: attribute(2, linkAddress),
    /** Of vxlan: the other end that has it. */
    dst: attribute(1, ip),
    cacheInfo: attribute(3, cacheInfo()),
    vlan: attribute(5, u16),
    /** Of vxlan: the UDP port, the identifier and the interface to send by, where not the link's own. */
    port: attribute(6, be16),
    vni: attribute(7, u32),
    ifindex: attribute(8, u32),
    /** The bridge. */
    master: attribute(9, u32),
    netnsid: attribute(10, s32),
    /** Of vxlan with `collectMetadata`: the identifier that the entry is for. */
    srcVni: attribute(11, u32),
    /** The nexthop object, a group for `fdb`, in the place of `dst`. */
    nexthopId: attribute(13, u32),
    /** NTF_EXT_*: 2 locked. */
    flagsExt: attribute(15, u32),
  }),
});

/** An entry of a forwarding table, as the kernel tells it. */
export type FdbEntry = Output<typeof fdbMessage.fields>;
/** An entry to be asked of the kernel. */
export type FdbInput = Input<typeof fdbMessage.fields>;

/** As bridge(8): in the link's own table, to stay. */
function withDefaults(entry: FdbInput): FdbInput {
  const flags = entry.flags ?? 0;
  const placed = flags & (neighbourFlags.self | neighbourFlags.master);
  return { state: 'permanent', ...entry, flags: placed ? flags : flags | neighbourFlags.self };
}

// The kernel lists by these alone, and refuses other questions.
const plain = verbs(fdbMessage, ({ index, master }) => ({ index, master }));

/** Requests about forwarding tables (bridge(8)). */
export const fdb: Omit<typeof plain, 'set'> = {
  add: entry => plain.add(withDefaults(entry)),
  replace: entry => plain.replace(withDefaults(entry)),
  append: entry => plain.append(withDefaults(entry)),
  delete: entry => plain.delete(withDefaults(entry)),
  get: plain.get,
  list: plain.list,
};
