// A pair of links that run BPF programs: IFLA_NETKIT_* of <linux/if_link.h>. Linux 6.7 or newer.
import { attribute } from '../../codec/field.ts';
import { boolean, named, u16, u32 } from '../../codec/type.ts';
import { peerType } from './veth.ts';

export const netkit = () => {
  const policy = named(u32, { forward: 0, blackhole: 2 });
  const scrub = named(u32, { none: 0, default: 1 });
  return {
    /** The other end, with all that a link can be given at creation. */
    peer: attribute(1, peerType()),
    /** This end manages the programs. The kernel tells it. */
    primary: attribute(2, boolean),
    /** What becomes of packets where no program is attached. */
    policy: attribute(3, policy),
    peerPolicy: attribute(4, policy),
    mode: attribute(5, named(u32, { l2: 0, l3: 1 })),
    /** What of a packet's metadata is erased on its way to the other namespace. */
    scrub: attribute(6, scrub),
    peerScrub: attribute(7, scrub),
    /** Bytes that are kept free before and behind a packet. */
    headroom: attribute(8, u16),
    tailroom: attribute(9, u16),
  };
};
