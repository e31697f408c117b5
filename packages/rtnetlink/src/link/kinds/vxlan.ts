// Virtual extensible LANs (RFC 7348): IFLA_VXLAN_* of <linux/if_link.h>.
import { addressByFamily, attribute } from '../../codec/field.ts';
import { be16, be32, boolean, flag, named, range, u8, u32 } from '../../codec/type.ts';

export const vxlan = () => ({
  /** The VXLAN network identifier, 0 to 16777215. */
  id: attribute(1, u32),
  /** The multicast group to join, or the other end. */
  group: addressByFamily(2, 16),
  /** The lower link. */
  link: attribute(3, u32),
  /** The source address of what is sent. */
  local: addressByFamily(4, 17),
  /** 0 takes the inner packet's for IPv6 multicast, and 1 or a default otherwise. */
  ttl: attribute(5, u8),
  /** 1 takes the inner packet's. */
  tos: attribute(6, u8),
  /** Learn from what comes in where hardware addresses are. */
  learning: attribute(7, boolean),
  /** Seconds after which what was learned is forgotten. */
  ageing: attribute(8, u32),
  /** How many entries may be learned; 0 is without limit. */
  limit: attribute(9, u32),
  /** Source ports to choose from by flow. */
  portRange: attribute(10, range(be16)),
  /** Answer ARP and neighbour solicitations. */
  proxy: attribute(11, boolean),
  /** Route what is for a router that is known (route short circuit). */
  rsc: attribute(12, boolean),
  /** Tell of unknown hardware and IP addresses by netlink. */
  l2miss: attribute(13, boolean),
  l3miss: attribute(14, boolean),
  /** The UDP port of the other end: 8472 where unset, though the standard's is 4789. */
  port: attribute(15, be16),
  udpChecksum: attribute(18, boolean),
  udpZeroChecksum6Tx: attribute(19, boolean),
  udpZeroChecksum6Rx: attribute(20, boolean),
  remoteChecksumTx: attribute(21, boolean),
  remoteChecksumRx: attribute(22, boolean),
  /** Group policy extension. */
  gbp: attribute(23, flag),
  remoteChecksumNoPartial: attribute(24, flag),
  /** Where packets go is told by each, not by the link: `external` of ip-link(8). */
  collectMetadata: attribute(25, boolean),
  /** IPv6 flow label, 0 to 1048575. */
  label: attribute(26, be32),
  /** Generic protocol extension. */
  gpe: attribute(27, flag),
  /** Take the inner packet's hop limit. */
  ttlInherit: attribute(28, flag),
  /** The bit that forbids fragments. */
  df: attribute(29, named(u8, { unset: 0, set: 1, inherit: 2 })),
  /** Take only identifiers that are configured, together with `collectMetadata`. Linux 5.18. */
  vniFilter: attribute(30, boolean),
  /** Deliver to another VXLAN of this machine directly. Linux 6.5. */
  localBypass: attribute(31, boolean),
  labelPolicy: attribute(32, named(u32, { fixed: 0, inherit: 1 })),
  /** Route multicast packets that go out. Linux 6.17. */
  multicastRoute: attribute(34, boolean),
});
