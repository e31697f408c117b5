// Generic network virtualization encapsulation (RFC 8926): IFLA_GENEVE_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { be16, be32, boolean, flag, ip, named, range, u8, u32 } from '../../codec/type.ts';

export const geneve = () => ({
  /** The virtual network identifier, 0 to 16777215. */
  id: attribute(1, u32),
  /** The other end's IPv4 address. */
  remote: attribute(2, ip),
  ttl: attribute(3, u8),
  tos: attribute(4, u8),
  /** The UDP port, 6081 where unset. */
  port: attribute(5, be16),
  /** Where packets go is told by each: `external` of ip-link(8). */
  collectMetadata: attribute(6, flag),
  /** The other end's IPv6 address. */
  remote6: attribute(7, ip),
  udpChecksum: attribute(8, boolean),
  udpZeroChecksum6Tx: attribute(9, boolean),
  udpZeroChecksum6Rx: attribute(10, boolean),
  /** IPv6 flow label, 0 to 1048575. */
  label: attribute(11, be32),
  ttlInherit: attribute(12, boolean),
  /** The bit that forbids fragments. */
  df: attribute(13, named(u8, { unset: 0, set: 1, inherit: 2 })),
  innerProtoInherit: attribute(14, flag),
  /** Source ports to choose from by flow. Linux 6.15. */
  portRange: attribute(15, range(be16)),
});
