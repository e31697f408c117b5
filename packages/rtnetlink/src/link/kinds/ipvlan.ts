// Links that share the hardware address of their lower link: IFLA_IPVLAN_* of <linux/if_link.h>, for ipvlan and ipvtap,
// ip-link(8).
import { attribute } from '../../codec/field.ts';
import { named, u16 } from '../../codec/type.ts';

export const ipvlan = () => ({
  /** Layer at which packets are forwarded to the lower link; `l3s` also passes them through netfilter and conntrack. */
  mode: attribute(1, named(u16, { l2: 0, l3: 1, l3s: 2 })),
  /** Traffic among links of one lower link: 0 bridge, 1 private, 2 vepa. */
  flags: attribute(2, u16),
});
