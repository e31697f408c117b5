// Any protocol in UDP: IFLA_BAREUDP_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { be16, flag, u16 } from '../../codec/type.ts';

export const bareudp = () => ({
  port: attribute(1, be16),
  /** The protocol that is carried: 0x0800 IPv4, 0x86dd IPv6, 0x8847 MPLS. */
  etherType: attribute(2, be16),
  sourcePortMin: attribute(3, u16),
  /** Carry IPv6 beside IPv4, multicast MPLS beside unicast. */
  multiproto: attribute(4, flag),
});
