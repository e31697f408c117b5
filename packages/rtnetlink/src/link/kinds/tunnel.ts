// IP in IP tunnels: IFLA_IPTUN_* of <linux/if_tunnel.h>, for ipip, sit and ip6tnl, ip-link(8), ip-tunnel(8).
import { attribute } from '../../codec/field.ts';
import { be16, be32, boolean, type FixedType, flag, ip, named, u8, u16, u32 } from '../../codec/type.ts';

/** Additional UDP encapsulation: foo over UDP (FOU), generic UDP encapsulation (GUE). */
export const encapsulation = () => named(u16, { none: 0, fou: 1, gue: 2, mpls: 3 });

const fields = (flags: FixedType<number>) => ({
  /** Index of the lower link. */
  link: attribute(1, u32),
  /** Address of this end. */
  local: attribute(2, ip),
  /** Address of the other end. */
  remote: attribute(3, ip),
  /** Hop limit of outer packets; 0 copies that of the inner packet. */
  ttl: attribute(4, u8),
  /** Type of service of outer packets; 1 copies that of the inner packet. */
  tos: attribute(5, u8),
  /** Limit of nested tunnels, 0 to 255 (RFC 2473). */
  encapLimit: attribute(6, u8),
  /** Traffic class and flow label of outer packets. */
  flowInfo: attribute(7, be32),
  /** IP6_TNL_F_* of <linux/ip6_tunnel.h>; for sit, 1 is ISATAP. */
  flags: attribute(8, flags),
  /** Protocol that is carried: 4 IPv4, 41 IPv6, 137 MPLS, 0 any. */
  proto: attribute(9, u8),
  /** Sets the don't-fragment bit, for path MTU discovery. IPv4. */
  pmtuDiscovery: attribute(10, boolean),
  /** Additional UDP encapsulation. */
  encapType: attribute(15, encapsulation()),
  /** A sum: 1 checksum, 2 checksum over IPv6, 4 remote checksum (TUNNEL_ENCAP_FLAG_*). */
  encapFlags: attribute(16, u16),
  /** Source UDP port; 0 chooses one by flow. */
  encapSport: attribute(17, be16),
  /** Destination UDP port. */
  encapDport: attribute(18, be16),
  /** Each packet carries its own tunnel parameters: `external` of ip-link(8). */
  collectMetadata: attribute(19, flag),
  /** Mark of outer packets, for their routing. */
  fwmark: attribute(20, u32),
});

export const ipip = () => fields(u16);

export const ip6tnl = () => fields(u32);

export const sit = () => ({
  ...fields(u16),
  /** IPv6 prefix for rapid deployment (6rd, RFC 5969). */
  sixrdPrefix: attribute(11, ip),
  /** IPv4 prefix that all addresses of the 6rd domain share. */
  sixrdRelayPrefix: attribute(12, ip),
  /** Length of `sixrdPrefix`. */
  sixrdPrefixLength: attribute(13, u16),
  /** Length of `sixrdRelayPrefix`. */
  sixrdRelayPrefixLength: attribute(14, u16),
});
