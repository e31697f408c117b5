// What a program made through /dev/net/tun: IFLA_TUN_* of <linux/if_link.h>. The kernel only tells it.
import { attribute } from '../../codec/field.ts';
import { boolean, named, u8, u32 } from '../../codec/type.ts';

export const tun = () => ({
  /** The user and group who may attach to it. */
  owner: attribute(1, u32),
  group: attribute(2, u32),
  type: attribute(3, named(u8, { tun: 1, tap: 2 })),
  packetInformation: attribute(4, boolean),
  virtioHeader: attribute(5, boolean),
  /** Stays when the program ends. */
  persist: attribute(6, boolean),
  multiQueue: attribute(7, boolean),
  numQueues: attribute(8, u32),
  numDisabledQueues: attribute(9, u32),
});
