// Generic routing encapsulation (RFC 2784, 2890): IFLA_GRE_* of <linux/if_tunnel.h>, of gre, gretap, erspan and those over
// IPv6.
import { attribute } from '../../codec/field.ts';
import { be16, be32, boolean, flag, ip, u8, u16, u32 } from '../../codec/type.ts';
import { encapsulation } from './tunnel.ts';

export const gre = () => ({
  /** The lower link. */
  link: attribute(1, u32),
  /** What the header has, of packets that come in and that go out: 0x8000 checksum, 0x2000 key, 0x1000 sequence number. */
  inputFlags: attribute(2, be16),
  outputFlags: attribute(3, be16),
  inputKey: attribute(4, be32),
  outputKey: attribute(5, be32),
  local: attribute(6, ip),
  remote: attribute(7, ip),
  /** The hop limit; 0 takes the inner packet's. */
  ttl: attribute(8, u8),
  /** 1 takes the inner packet's. */
  tos: attribute(9, u8),
  pmtuDiscovery: attribute(10, boolean),
  /** Over IPv6: how many tunnels deep, 0 to 255. */
  encapLimit: attribute(11, u8),
  /** Over IPv6: traffic class and flow label. */
  flowInfo: attribute(12, be32),
  /** Over IPv6: IP6_TNL_F_*. */
  flags: attribute(13, u32),
  encapType: attribute(14, encapsulation()),
  /** A sum: 1 checksum, 2 checksum over IPv6, 4 remote checksum. */
  encapFlags: attribute(15, u16),
  encapSport: attribute(16, be16),
  encapDport: attribute(17, be16),
  /** Where packets go is told by each: `external` of ip-link(8). */
  collectMetadata: attribute(18, flag),
  /** Send in fragments what the inner packet forbids to cut. */
  ignoreDf: attribute(19, boolean),
  fwmark: attribute(20, u32),
  /** Of version 1: the port's index, 0 to 1048575. */
  erspanIndex: attribute(21, u32),
  erspanVersion: attribute(22, u8),
  /** Of version 2: 0 what came in, 1 what went out. */
  erspanDirection: attribute(23, u8),
  /** Of version 2: 0 to 63. */
  erspanHardwareId: attribute(24, u16),
});
