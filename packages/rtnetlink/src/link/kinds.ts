// IFLA_INFO_DATA by kind: what a kind of link has of its own, ip-link(8).
import { attribute } from '../codec/field.ts';
import { nest, schema } from '../codec/schema.ts';
import { be16, boolean, ip, linkAddress, named, u8, u16, u32 } from '../codec/type.ts';
import { baseFields, linkHeaderSize } from './base.ts';

/** One schema per kind. A kind that is not here keeps its data as bytes. */
export const kinds = {
  veth: schema(0, () => ({
    /** The other end, with all that a link can be given at creation. It cannot be created up. */
    peer: attribute(1, nest(schema(linkHeaderSize, baseFields))),
  })),
  macvlan: schema(0, () => ({
    mode: attribute(1, named(u32, { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 })),
    flags: attribute(2, u16),
    bcQueueLength: attribute(7, u32),
  })),
  ipvlan: schema(0, () => ({
    mode: attribute(1, named(u16, { l2: 0, l3: 1, l3s: 2 })),
    flags: attribute(2, u16),
  })),
  vlan: schema(0, () => ({
    /** 1 to 4094. */
    id: attribute(1, u16),
    protocol: attribute(5, named(be16, { '802.1q': 0x8100, '802.1ad': 0x88a8 })),
  })),
  vxlan: schema(0, () => ({
    /** 0 to 16777215. */
    id: attribute(1, u32),
    group: attribute(2, ip),
    link: attribute(3, u32),
    local: attribute(4, ip),
    ttl: attribute(5, u8),
    learning: attribute(7, boolean),
    port: attribute(15, be16),
  })),
  vrf: schema(0, () => ({
    table: attribute(1, u32),
  })),
  bridge: schema(0, () => ({
    /** Hundredths of a second. */
    forwardDelay: attribute(1, u32),
    helloTime: attribute(2, u32),
    maxAge: attribute(3, u32),
    ageingTime: attribute(4, u32),
    stpState: attribute(5, u32),
    priority: attribute(6, u16),
    vlanFiltering: attribute(7, boolean),
    groupAddress: attribute(20, linkAddress),
    multicastSnooping: attribute(23, boolean),
    defaultPvid: attribute(39, u16),
  })),
} as const;
