// IP over InfiniBand (RFC 4391): IFLA_IPOIB_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { named, u16 } from '../../codec/type.ts';

export const ipoib = () => ({
  /** The partition. */
  pkey: attribute(1, u16),
  mode: attribute(2, named(u16, { datagram: 0, connected: 1 })),
  userMulticast: attribute(3, u16),
});
