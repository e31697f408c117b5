// The header of all netfilter messages: struct nfgenmsg of <linux/netfilter/nfnetlink.h>.
import { be16, header, named, u8 } from '@spider/rtnetlink/codec';

/** Bytes of struct nfgenmsg. */
export const headerSize = 4;

/** NFPROTO_* of <linux/netfilter.h>; `inet` is both IPv4 and IPv6. */
export const family = named(u8, { unspec: 0, inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 });

/** The fields of struct nfgenmsg. */
export const headerFields = () => ({
  /** Address family of the object. */
  family: header(0, family),
  /** Version of the protocol, 0. */
  version: header(1, u8),
  /**
   * In the message that begins a transaction, the subsystem; in answers of nf_tables, the lower 16 bits of the generation
   * number, which grows with every change.
   */
  resource: header(2, be16),
});
