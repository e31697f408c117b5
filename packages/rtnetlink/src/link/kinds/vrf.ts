// Virtual routing and forwarding: IFLA_VRF_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { u32 } from '../../codec/type.ts';

export const vrf = () => ({
  /** The routing table of the links that are in it. */
  table: attribute(1, u32),
});

/** What a link that is in a VRF has of it. */
export const vrfPort = () => ({
  /** The VRF's table. The kernel tells it. */
  table: attribute(1, u32),
});
