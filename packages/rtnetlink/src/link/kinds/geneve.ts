// Generic network virtualization encapsulation (RFC 8926): IFLA_GENEVE_* of <linux/if_link.h>, ip-link(8).
import { attribute } from '../../codec/field.ts';
import { be16, be32, boolean, flag, ip, named, range, u8, u32 } from '../../codec/type.ts';

export const geneve = () => ({
  /** The virtual network identifier, 0 to 16777215. */
  id: attribute(1, u32),
  /** IPv4 address of the other end. */
  remote: attribute(2, ip),
  /** Hop limit of outer packets; 0 is the system's default. */
  ttl: attribute(3, u8),
  /** Type of service of outer packets; 1 copies that of the inner packet. */
  tos: attribute(4, u8),
  /** Destination UDP port, 6081 if unset. */
  port: attribute(5, be16),
  /** Each packet carries its own tunnel parameters: `external` of ip-link(8). */
  collectMetadata: attribute(6, flag),
  /** IPv6 address of the other end. */
  remote6: attribute(7, ip),
  /** Adds UDP checksums over IPv4. */
  udpChecksum: attribute(8, boolean),
  /** Omits UDP checksums over IPv6. */
  udpZeroChecksum6Tx: attribute(9, boolean),
  /** Accepts packets over IPv6 without UDP checksum. */
  udpZeroChecksum6Rx: attribute(10, boolean),
  /** IPv6 flow label of outer packets, 0 to 1048575. */
  label: attribute(11, be32),
  /** Copies the hop limit of the inner packet. */
  ttlInherit: attribute(12, boolean),
  /** The don't-fragment bit of outer packets. */
  df: attribute(13, named(u8, { unset: 0, set: 1, inherit: 2 })),
  /** Carries IP packets rather than Ethernet frames. */
  innerProtoInherit: attribute(14, flag),
  /** Range of source UDP ports, of which the flow selects one. Linux 6.15. */
  portRange: attribute(15, range(be16)),
});
