// IEEE 802.1Q links on another link: IFLA_VLAN_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { list } from '../../codec/list.ts';
import { be16, named, struct, u16, u32 } from '../../codec/type.ts';

/** A packet's priority inside and on the wire. */
const priorities = () => list(1, struct({ from: u32, to: u32 }));

export const vlan = () => ({
  /** 0 to 4095. */
  id: attribute(1, u16),
  /**
   * A sum, of the bits that `mask` names: 1 reorder the header, 2 GVRP, 4 loose binding to the lower link's state, 8 MVRP,
   * 16 binding to that of the bridge's ports.
   */
  flags: attribute(2, struct({ flags: u32, mask: u32 })),
  /** From the packet's priority, 0 to 4294967295, to that of the tag, 0 to 7. */
  egressPriorities: attribute(3, priorities()),
  /** From that of the tag to the packet's. */
  ingressPriorities: attribute(4, priorities()),
  protocol: attribute(5, named(be16, { '802.1q': 0x8100, '802.1ad': 0x88a8 })),
});
