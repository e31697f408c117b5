// Links with hardware addresses of their own on a lower link: IFLA_MACVLAN_* of <linux/if_link.h>, for macvlan and macvtap,
// ip-link(8).
import { attribute } from '../../codec/field.ts';
import { list } from '../../codec/list.ts';
import { linkAddress, named, s32, u16, u32 } from '../../codec/type.ts';

const IFLA_MACVLAN_MACADDR = 4;

export const macvlan = () => ({
  /**
   * Whether links of one lower link reach each other: never, through the switch, or directly. `passthru` allows only one
   * link; `source` accepts packets only from given senders.
   */
  mode: attribute(1, named(u32, { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 })),
  /**
   * A sum: 1 does not make the lower link promiscuous (passthru), 2 delivers a packet only to the link that accepts its
   * source.
   */
  flags: attribute(2, u16),
  /** What to do with `sourceAddress` or `sourceAddresses`. Mode `source`. */
  sourceAction: attribute(3, named(u32, { add: 0, delete: 1, flush: 2, set: 3 })),
  /** Hardware address of a sender whose packets the link accepts. Mode `source`. */
  sourceAddress: attribute(IFLA_MACVLAN_MACADDR, linkAddress),
  /** All such addresses: for the action `set`, and in answers. */
  sourceAddresses: attribute(5, list(IFLA_MACVLAN_MACADDR, linkAddress)),
  /** Number of such addresses. Set by the kernel. */
  sourceCount: attribute(6, u32),
  /** Requested limit of queued broadcast packets. */
  broadcastQueueLength: attribute(7, u32),
  /** Limit in effect: the highest that a link of the lower link requests. Set by the kernel. */
  broadcastQueueLengthUsed: attribute(8, u32),
  /** Multicast packets are queued if more than this many links receive them; -1 never queues them. Linux 6.4. */
  broadcastCutoff: attribute(9, s32),
});
