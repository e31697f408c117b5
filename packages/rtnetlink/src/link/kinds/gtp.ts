// The GPRS tunnelling protocol (3GPP TS 29.060, TS 29.281): IFLA_GTP_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { boolean, ip, named, u8, u32 } from '../../codec/type.ts';

export const gtp = () => ({
  /** File descriptor of the socket for version 0. */
  fd0: attribute(1, u32),
  /** File descriptor of the socket for version 1. */
  fd1: attribute(2, u32),
  /** Number of hash buckets for the tunnels. */
  hashSize: attribute(3, u32),
  /** Side of the tunnel: gateway (GGSN) or serving node (SGSN). */
  role: attribute(4, named(u32, { ggsn: 0, sgsn: 1 })),
  /** The kernel creates the sockets. Linux 5.18. */
  createSockets: attribute(5, boolean),
  /** Restart counter in echo responses. */
  restartCount: attribute(6, u8),
  /** IPv4 address of the sockets. Linux 6.12. */
  local: attribute(7, ip),
  /** IPv6 address of the sockets. Linux 6.12. */
  local6: attribute(8, ip),
});
