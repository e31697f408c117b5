// Links that share the hardware address of another: IFLA_IPVLAN_* of <linux/if_link.h>, of ipvlan and ipvtap.
import { attribute } from '../../codec/field.ts';
import { named, u16 } from '../../codec/type.ts';

export const ipvlan = () => ({
  mode: attribute(1, named(u16, { l2: 0, l3: 1, l3s: 2 })),
  /** 0 is bridge, 1 private, 2 vepa. */
  flags: attribute(2, u16),
});
