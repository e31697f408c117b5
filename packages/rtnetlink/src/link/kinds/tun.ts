// Links that programs create by /dev/net/tun: IFLA_TUN_* of <linux/if_link.h>. All fields are set by the kernel.
import { attribute } from '../../codec/field.ts';
import { boolean, named, u8, u32 } from '../../codec/type.ts';

export const tun = () => ({
  /** User that may attach to the link. */
  owner: attribute(1, u32),
  /** Group that may attach to the link. */
  group: attribute(2, u32),
  /** Whether the link carries IP packets (`tun`) or Ethernet frames (`tap`). */
  type: attribute(3, named(u8, { tun: 1, tap: 2 })),
  /** Packets have a header with flags and protocol (struct tun_pi). */
  packetInformation: attribute(4, boolean),
  /** Packets have a header with offload information (struct virtio_net_hdr). */
  virtioHeader: attribute(5, boolean),
  /** The link remains when the program ends. */
  persist: attribute(6, boolean),
  /** Several descriptors can attach, one queue each. */
  multiQueue: attribute(7, boolean),
  /** Number of queues. */
  numQueues: attribute(8, u32),
  /** Number of detached queues. */
  numDisabledQueues: attribute(9, u32),
});
