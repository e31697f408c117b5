// The GPRS tunnelling protocol: IFLA_GTP_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { boolean, ip, named, u8, u32 } from '../../codec/type.ts';

export const gtp = () => ({
  /** Sockets of version 0 and 1, as file descriptors. */
  fd0: attribute(1, u32),
  fd1: attribute(2, u32),
  hashSize: attribute(3, u32),
  role: attribute(4, named(u32, { ggsn: 0, sgsn: 1 })),
  /** The kernel makes the sockets. Linux 5.18. */
  createSockets: attribute(5, boolean),
  restartCount: attribute(6, u8),
  /** Linux 6.12. */
  local: attribute(7, ip),
  local6: attribute(8, ip),
});
