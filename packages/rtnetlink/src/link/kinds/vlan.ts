// VLANs (IEEE 802.1Q) on a lower link: IFLA_VLAN_* of <linux/if_link.h>, ip-link(8).
import { attribute } from '../../codec/field.ts';
import { list } from '../../codec/list.ts';
import { be16, named, struct, u16, u32 } from '../../codec/type.ts';

/** Maps priorities of packets to priorities of tags, or the reverse. */
const priorities = () => list(1, struct({ from: u32, to: u32 }));

export const vlan = () => ({
  /** VLAN identifier, 0 to 4095. */
  id: attribute(1, u16),
  /**
   * A sum, of which `mask` has the bits to change: 1 reorder header, 2 GVRP, 4 loose binding to the state of the lower
   * link, 8 MVRP, 16 binding to the state of the bridge's ports.
   */
  flags: attribute(2, struct({ flags: u32, mask: u32 })),
  /** From the priority of the packet, 0 to 4294967295, to that of the tag, 0 to 7. */
  egressPriorities: attribute(3, priorities()),
  /** From the priority of the tag to that of the packet. */
  ingressPriorities: attribute(4, priorities()),
  /** Ethernet type of the tag. */
  protocol: attribute(5, named(be16, { '802.1q': 0x8100, '802.1ad': 0x88a8 })),
});
