// Names that several kinds of objects share, as ip(8) and rtnetlink(7) spell them.
import { named, u8 } from './codec/type.ts';

/** Address families, AF_* of <sys/socket.h>. */
export const family = named(u8, { unspec: 0, inet: 2, bridge: 7, inet6: 10, mpls: 28 });

/** How far away a destination is, RT_SCOPE_*. */
export const scope = named(u8, { global: 0, site: 200, link: 253, host: 254, nowhere: 255 });

/** Who installed a route or rule, RTPROT_*. Others are numbers. */
export const protocol = named(u8, {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  ra: 9,
  dhcp: 16,
  bgp: 186,
  ospf: 188,
});
