// Names that several kinds of objects use, in the spelling of ip(8) and rtnetlink(7).
import { named, u8 } from './codec/type.ts';

/** Address families: AF_* of <sys/socket.h>. Other families are numbers. */
export const family = named(u8, { unspec: 0, inet: 2, bridge: 7, inet6: 10, mpls: 28 });

/** Distance to a destination: RT_SCOPE_* of rtnetlink(7). Other scopes are numbers. */
export const scope = named(u8, { global: 0, site: 200, link: 253, host: 254, nowhere: 255 });

/** Who installed an object: RTPROT_* of <linux/rtnetlink.h>. Other protocols are numbers. */
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
