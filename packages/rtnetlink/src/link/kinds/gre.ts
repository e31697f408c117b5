// Generic routing encapsulation (RFC 2784, RFC 2890): IFLA_GRE_* of <linux/if_tunnel.h>, for gre, gretap and erspan over
// IPv4 and IPv6, ip-link(8).
import { attribute } from '../../codec/field.ts';
import { be16, be32, boolean, flag, ip, u8, u16, u32 } from '../../codec/type.ts';
import { encapsulation } from './tunnel.ts';

export const gre = () => ({
  /** Index of the lower link. */
  link: attribute(1, u32),
  /** Fields in the header of received packets: 0x8000 checksum, 0x2000 key, 0x1000 sequence number. */
  inputFlags: attribute(2, be16),
  /** Fields in the header of sent packets, as in `inputFlags`. */
  outputFlags: attribute(3, be16),
  /** Key of received packets. */
  inputKey: attribute(4, be32),
  /** Key of sent packets. */
  outputKey: attribute(5, be32),
  /** Address of this end. */
  local: attribute(6, ip),
  /** Address of the other end. */
  remote: attribute(7, ip),
  /** Hop limit of outer packets; 0 copies that of the inner packet. */
  ttl: attribute(8, u8),
  /** Type of service of outer packets; 1 copies that of the inner packet. */
  tos: attribute(9, u8),
  /** Sets the don't-fragment bit, for path MTU discovery. IPv4. */
  pmtuDiscovery: attribute(10, boolean),
  /** Over IPv6: limit of nested tunnels, 0 to 255 (RFC 2473). */
  encapLimit: attribute(11, u8),
  /** Over IPv6: traffic class and flow label of outer packets. */
  flowInfo: attribute(12, be32),
  /** Over IPv6: IP6_TNL_F_* of <linux/ip6_tunnel.h>. */
  flags: attribute(13, u32),
  /** Additional UDP encapsulation. */
  encapType: attribute(14, encapsulation()),
  /** A sum: 1 checksum, 2 checksum over IPv6, 4 remote checksum (TUNNEL_ENCAP_FLAG_*). */
  encapFlags: attribute(15, u16),
  /** Source UDP port; 0 chooses one by flow. */
  encapSport: attribute(16, be16),
  /** Destination UDP port. */
  encapDport: attribute(17, be16),
  /** Each packet carries its own tunnel parameters: `external` of ip-link(8). */
  collectMetadata: attribute(18, flag),
  /** Fragments outer packets even if the inner packet forbids fragments. */
  ignoreDf: attribute(19, boolean),
  /** Mark of outer packets, for their routing. */
  fwmark: attribute(20, u32),
  /** ERSPAN version 1: index of the port, 0 to 1048575. */
  erspanIndex: attribute(21, u32),
  /** ERSPAN version, 0 to 2. */
  erspanVersion: attribute(22, u8),
  /** ERSPAN version 2: 0 mirrors received packets, 1 sent packets. */
  erspanDirection: attribute(23, u8),
  /** ERSPAN version 2: identifier of the mirroring engine, 0 to 63. */
  erspanHardwareId: attribute(24, u16),
});
