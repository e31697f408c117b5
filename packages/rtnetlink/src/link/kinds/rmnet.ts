// Qualcomm's multiplexing: IFLA_RMNET_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { struct, u16, u32 } from '../../codec/type.ts';

export const rmnet = () => ({
  /** 0 to 254. */
  muxId: attribute(1, u16),
  /** RMNET_FLAGS_*, of the bits that `mask` names. */
  flags: attribute(2, struct({ flags: u32, mask: u32 })),
});
