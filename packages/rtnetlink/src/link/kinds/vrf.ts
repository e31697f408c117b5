// Virtual routing and forwarding: IFLA_VRF_* of <linux/if_link.h>, ip-vrf(8).
import { attribute } from '../../codec/field.ts';
import { u32 } from '../../codec/type.ts';

export const vrf = () => ({
  /** Routing table of its ports. */
  table: attribute(1, u32),
});

/** Properties of a port of a VRF. */
export const vrfPort = () => ({
  /** Routing table of the VRF. Set by the kernel. */
  table: attribute(1, u32),
});
