// High-availability seamless redundancy (IEC 62439-3): IFLA_HSR_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { linkAddress, named, u8, u16, u32 } from '../../codec/type.ts';

export const hsr = () => ({
  /** The two links of the ring. */
  slave1: attribute(1, u32),
  slave2: attribute(2, u32),
  /** The last byte of the supervision frames' address. */
  multicastSpec: attribute(3, u8),
  supervisionAddress: attribute(4, linkAddress),
  sequenceNumber: attribute(5, u16),
  version: attribute(6, u8),
  protocol: attribute(7, named(u8, { hsr: 0, prp: 1 })),
  /** The link to another ring. Linux 6.10. */
  interlink: attribute(8, u32),
});
