// Pairs of links that run BPF programs: IFLA_NETKIT_* of <linux/if_link.h>. Linux 6.7 or newer.
import { attribute } from '../../codec/field.ts';
import { boolean, named, u16, u32 } from '../../codec/type.ts';
import { peerType } from './veth.ts';

export const netkit = () => {
  const policy = named(u32, { forward: 0, blackhole: 2 });
  const scrub = named(u32, { none: 0, default: 1 });
  return {
    /** The other end, with any field that a link can have at creation. */
    peer: attribute(1, peerType()),
    /** Whether this end manages the programs. Set by the kernel. */
    primary: attribute(2, boolean),
    /** Whether packets pass this end if no program is attached. */
    policy: attribute(3, policy),
    /** Whether packets pass the other end if no program is attached. */
    peerPolicy: attribute(4, policy),
    /** Whether the pair carries Ethernet frames (`l2`) or IP packets (`l3`). */
    mode: attribute(5, named(u32, { l2: 0, l3: 1 })),
    /** Whether metadata of packets, such as their mark, is erased when they enter the other namespace. */
    scrub: attribute(6, scrub),
    /** The same for the other end. */
    peerScrub: attribute(7, scrub),
    /** Bytes that are kept free before a packet. */
    headroom: attribute(8, u16),
    /** Bytes that are kept free after a packet. */
    tailroom: attribute(9, u16),
  };
};
