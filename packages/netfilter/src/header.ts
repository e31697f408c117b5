// What all messages of netfilter's families start with, struct nfgenmsg of <linux/netfilter/nfnetlink.h>.
import { be16, header, named, u8 } from '@spider/rtnetlink/codec';

/** Bytes of struct nfgenmsg. */
export const headerSize = 4;

/** NFPROTO_* of <linux/netfilter.h>; `inet` is IPv4 and IPv6 together. */
export const family = named(u8, { unspec: 0, inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 });

/** The fields of struct nfgenmsg. */
export const headerFields = () => ({
  family: header(0, family),
  version: header(1, u8),
  /** The subsystem in a message that begins a transaction; else the number of changes so far. */
  resource: header(2, be16),
});
