// IP over InfiniBand (RFC 4391): IFLA_IPOIB_* of <linux/if_link.h>, ip-link(8).
import { attribute } from '../../codec/field.ts';
import { named, u16 } from '../../codec/type.ts';

export const ipoib = () => ({
  /** Partition key. */
  pkey: attribute(1, u16),
  /** Transport: datagrams (RFC 4391), or connections (RFC 4755). */
  mode: attribute(2, named(u16, { datagram: 0, connected: 1 })),
  /** 1 lets programs manage multicast groups. */
  userMulticast: attribute(3, u16),
});
