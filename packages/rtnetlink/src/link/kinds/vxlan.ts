// Virtual extensible LANs (RFC 7348): IFLA_VXLAN_* of <linux/if_link.h>, ip-link(8).
import { addressByFamily, attribute } from '../../codec/field.ts';
import { be16, be32, boolean, flag, named, range, u8, u32 } from '../../codec/type.ts';

export const vxlan = () => ({
  /** VXLAN network identifier (VNI), 0 to 16777215. */
  id: attribute(1, u32),
  /** Multicast group to join, or address of the other end. */
  group: addressByFamily(2, 16),
  /** Index of the lower link. */
  link: attribute(3, u32),
  /** Source address of outer packets. */
  local: addressByFamily(4, 17),
  /** Hop limit of outer packets; 0 is 1 for multicast packets and the system's default for others. */
  ttl: attribute(5, u8),
  /** Type of service of outer packets; 1 copies that of the inner packet. */
  tos: attribute(6, u8),
  /** Learns from received packets which endpoint has a hardware address. */
  learning: attribute(7, boolean),
  /** Seconds after which a learned address is forgotten. */
  ageing: attribute(8, u32),
  /** Maximum number of learned addresses; 0 is no limit. */
  limit: attribute(9, u32),
  /** Range of source UDP ports, of which the flow selects one. */
  portRange: attribute(10, range(be16)),
  /** Answers ARP requests and neighbour solicitations. */
  proxy: attribute(11, boolean),
  /** Routes packets for known routers itself (route short circuit). */
  rsc: attribute(12, boolean),
  /** Sends notifications of unknown hardware addresses. */
  l2miss: attribute(13, boolean),
  /** Sends notifications of unknown IP addresses. */
  l3miss: attribute(14, boolean),
  /** Destination UDP port. Unset is 8472, although the standard port is 4789. */
  port: attribute(15, be16),
  /** Adds UDP checksums over IPv4. */
  udpChecksum: attribute(18, boolean),
  /** Omits UDP checksums over IPv6. */
  udpZeroChecksum6Tx: attribute(19, boolean),
  /** Accepts packets over IPv6 without UDP checksum. */
  udpZeroChecksum6Rx: attribute(20, boolean),
  /** Leaves the inner checksum to the other end (remote checksum offload). */
  remoteChecksumTx: attribute(21, boolean),
  /** Computes inner checksums that the other end left out. */
  remoteChecksumRx: attribute(22, boolean),
  /** Group policy extension. */
  gbp: attribute(23, flag),
  /** Does not leave such checksums to the network stack (CHECKSUM_PARTIAL). */
  remoteChecksumNoPartial: attribute(24, flag),
  /** Each packet carries its own tunnel parameters: `external` of ip-link(8). */
  collectMetadata: attribute(25, boolean),
  /** IPv6 flow label of outer packets, 0 to 1048575. */
  label: attribute(26, be32),
  /** Generic protocol extension. */
  gpe: attribute(27, flag),
  /** Copies the hop limit of the inner packet. */
  ttlInherit: attribute(28, flag),
  /** The don't-fragment bit of outer packets. */
  df: attribute(29, named(u8, { unset: 0, set: 1, inherit: 2 })),
  /** Together with `collectMetadata`: accepts only configured network identifiers. Linux 5.18. */
  vniFilter: attribute(30, boolean),
  /** Delivers packets for another VXLAN link of this machine directly. Linux 6.5. */
  localBypass: attribute(31, boolean),
  /** Flow label of outer packets: `label`, or that of the inner packet. Linux 6.7. */
  labelPolicy: attribute(32, named(u32, { fixed: 0, inherit: 1 })),
  /** Routes outer multicast packets. Linux 6.17. */
  multicastRoute: attribute(34, boolean),
});
