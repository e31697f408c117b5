// Tunnels that carry any protocol in UDP: IFLA_BAREUDP_* of <linux/if_link.h>, ip-link(8).
import { attribute } from '../../codec/field.ts';
import { be16, flag, u16 } from '../../codec/type.ts';

export const bareudp = () => ({
  /** Destination UDP port. */
  port: attribute(1, be16),
  /** The protocol that is carried: 0x0800 IPv4, 0x86dd IPv6, 0x8847 MPLS. */
  etherType: attribute(2, be16),
  /** Lowest source UDP port. */
  sourcePortMin: attribute(3, u16),
  /** Carries IPv6 besides IPv4, or multicast MPLS besides unicast MPLS. */
  multiproto: attribute(4, flag),
});
