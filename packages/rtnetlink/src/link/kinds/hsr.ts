// High-availability seamless redundancy (IEC 62439-3): IFLA_HSR_* of <linux/if_link.h>.
import { attribute } from '../../codec/field.ts';
import { linkAddress, named, u8, u16, u32 } from '../../codec/type.ts';

export const hsr = () => ({
  /** Index of the first link of the ring. */
  slave1: attribute(1, u32),
  /** Index of the second link of the ring. */
  slave2: attribute(2, u32),
  /** Last byte of the destination address of supervision frames. */
  multicastSpec: attribute(3, u8),
  /** Destination address of supervision frames. Set by the kernel. */
  supervisionAddress: attribute(4, linkAddress),
  /** Sequence number of the next frame. Set by the kernel. */
  sequenceNumber: attribute(5, u16),
  /** Version of HSR: 0 is that of 2010, 1 that of 2012. */
  version: attribute(6, u8),
  /** High-availability seamless redundancy, or parallel redundancy. */
  protocol: attribute(7, named(u8, { hsr: 0, prp: 1 })),
  /** Index of the link to another ring. Linux 6.10. */
  interlink: attribute(8, u32),
});
