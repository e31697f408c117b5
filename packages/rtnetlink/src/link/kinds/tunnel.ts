// IP in IP: IFLA_IPTUN_* of <linux/if_tunnel.h>, of ipip, sit and ip6tnl.
import { attribute } from '../../codec/field.ts';
import { be16, be32, boolean, type FixedType, flag, ip, named, u8, u16, u32 } from '../../codec/type.ts';

/** UDP around the tunnel: foo over UDP, generic UDP encapsulation. */
export const encapsulation = () => named(u16, { none: 0, fou: 1, gue: 2, mpls: 3 });

const fields = (flags: FixedType<number>) => ({
  /** The lower link. */
  link: attribute(1, u32),
  local: attribute(2, ip),
  remote: attribute(3, ip),
  /** The hop limit; 0 takes the inner packet's. */
  ttl: attribute(4, u8),
  /** 1 takes the inner packet's. */
  tos: attribute(5, u8),
  /** How many tunnels deep, 0 to 255 (RFC 2473). */
  encapLimit: attribute(6, u8),
  /** Traffic class and flow label. */
  flowInfo: attribute(7, be32),
  /** IP6_TNL_F_*; of sit 1 is ISATAP. */
  flags: attribute(8, flags),
  /** What is carried: 4 IPv4, 41 IPv6, 137 MPLS, 0 any. */
  proto: attribute(9, u8),
  pmtuDiscovery: attribute(10, boolean),
  encapType: attribute(15, encapsulation()),
  /** A sum: 1 checksum, 2 checksum over IPv6, 4 remote checksum. */
  encapFlags: attribute(16, u16),
  encapSport: attribute(17, be16),
  encapDport: attribute(18, be16),
  /** Where packets go is told by each: `external` of ip-link(8). */
  collectMetadata: attribute(19, flag),
  fwmark: attribute(20, u32),
});

export const ipip = () => fields(u16);

export const ip6tnl = () => fields(u32);

export const sit = () => ({
  ...fields(u16),
  /** IPv6 rapid deployment (RFC 5969). */
  sixrdPrefix: attribute(11, ip),
  sixrdRelayPrefix: attribute(12, ip),
  sixrdPrefixLength: attribute(13, u16),
  sixrdRelayPrefixLength: attribute(14, u16),
});
