// Links with hardware addresses of their own on another link: IFLA_MACVLAN_* of <linux/if_link.h>, of macvlan and macvtap.
import { attribute } from '../../codec/field.ts';
import { list } from '../../codec/list.ts';
import { linkAddress, named, s32, u16, u32 } from '../../codec/type.ts';

const IFLA_MACVLAN_MACADDR = 4;

export const macvlan = () => ({
  /** Whether links of one lower link reach each other: not at all, by the switch, directly; or there is only one. */
  mode: attribute(1, named(u32, { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 })),
  /** A sum: 1 the lower link is not made promiscuous (passthru), 2 what a source's link took goes to no other. */
  flags: attribute(2, u16),
  /** What to do with `sourceAddress` or `sourceAddresses`, mode `source`. */
  sourceAction: attribute(3, named(u32, { add: 0, delete: 1, flush: 2, set: 3 })),
  /** The hardware address of a sender whose packets the link takes, mode `source`. */
  sourceAddress: attribute(IFLA_MACVLAN_MACADDR, linkAddress),
  /** All of them: what `set` sets and what the kernel tells. */
  sourceAddresses: attribute(5, list(IFLA_MACVLAN_MACADDR, linkAddress)),
  /** How many there are. The kernel tells it. */
  sourceCount: attribute(6, u32),
  /** Broadcasts that may wait to be delivered, as this link wishes, and as the lower link does. */
  broadcastQueueLength: attribute(7, u32),
  broadcastQueueLengthUsed: attribute(8, u32),
  /** Of so many links in a hash bucket broadcasts are queued; -1 queues them always. */
  broadcastCutoff: attribute(9, s32),
});
