// Qualcomm's multiplexing and aggregation protocol: IFLA_RMNET_* of <linux/if_link.h>, ip-link(8).
import { attribute } from '../../codec/field.ts';
import { struct, u16, u32 } from '../../codec/type.ts';

export const rmnet = () => ({
  /** Identifier of the multiplexed channel, 0 to 254. */
  muxId: attribute(1, u16),
  /** RMNET_FLAGS_*. `mask` has the bits to change. */
  flags: attribute(2, struct({ flags: u32, mask: u32 })),
});
