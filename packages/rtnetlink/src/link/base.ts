// What every link has, whatever its kind: struct ifinfomsg and IFLA_* of <linux/if_link.h>, ip-link(8).
import { asked, attribute, bit, header } from '../codec/field.ts';
import { nest, schema } from '../codec/schema.ts';
import { bareString, boolean, ip, linkAddress, named, s32, string, u8, u16, u32 } from '../codec/type.ts';
import { altNameField, altNamesField } from './altname.ts';

/** Bytes of struct ifinfomsg. */
export const linkHeaderSize = 16;
const flagsOffset = 8;
/** ifi_change says which flags are meant. */
const changeOffset = 12;

/** IFLA_AF_SPEC: what address families keep of a link, by family. */
const afSpecSchema = schema(0, () => ({
  inet6: attribute(
    10,
    nest(
      schema(0, () => ({
        token: attribute(7, ip),
        /** How link-local addresses are made, IN6_ADDR_GEN_MODE_*. */
        addrGenMode: attribute(8, named(u8, { eui64: 0, none: 1, stablePrivacy: 2, random: 3 })),
      })),
    ),
  ),
}));

/** A function, so that they are made when a link is first read or written. */
export const baseFields = () =>
  ({
    family: header(0, u8),
    /** ARPHRD_*: 1 for Ethernet, 772 for loopback. */
    type: header(2, u16),
    /** The interface's number; on creation, the number it shall have. */
    index: header(4, s32),
    /** Administratively up (IFF_UP). */
    up: bit(flagsOffset, 0x1, changeOffset),
    loopback: bit(flagsOffset, 0x8),
    pointToPoint: bit(flagsOffset, 0x10),
    /** Can send: up, and its lower layer too (IFF_RUNNING). */
    running: bit(flagsOffset, 0x40),
    noarp: bit(flagsOffset, 0x80, changeOffset),
    promiscuous: bit(flagsOffset, 0x100, changeOffset),
    /** All of IFF_*. */
    flags: header(flagsOffset, u32),
    /** The link-layer address. */
    address: attribute(1, linkAddress),
    broadcast: attribute(2, linkAddress),
    /** Up to 15 bytes. */
    name: attribute(3, string(16)),
    /** Bytes. */
    mtu: attribute(4, u32),
    /** The lower link, or the peer of a veth; in the namespace `linkNetnsid` where that is given. */
    link: attribute(5, u32),
    /** The bridge, bond or VRF it belongs to. */
    master: attribute(10, u32),
    /** Packets that may wait to be sent. */
    txqueuelen: attribute(13, u32),
    operstate: attribute(
      16,
      named(u8, { unknown: 0, notpresent: 1, down: 2, lowerlayerdown: 3, testing: 4, dormant: 5, up: 6 }),
    ),
    /** Moves the link to the namespace of this process. */
    netnsPid: asked(19, u32),
    /** A free text, up to 255 bytes; the empty one takes it away. */
    alias: attribute(20, bareString(255)),
    afSpec: attribute(26, nest(afSpecSchema)),
    group: attribute(27, u32),
    /** Moves the link to, or creates it in, the namespace of this file descriptor. */
    netnsFd: asked(28, u32),
    /** What a reply holds, RTEXT_FILTER_*. */
    extMask: asked(29, u32),
    numTxQueues: attribute(31, u32),
    numRxQueues: attribute(32, u32),
    carrier: attribute(33, boolean),
    /** The number of the namespace that `link` is in. */
    linkNetnsid: attribute(37, s32),
    gsoMaxSegs: attribute(40, u32),
    gsoMaxSize: attribute(41, u32),
    /** Asks for the links in the namespace of this number (`nsid`). */
    targetNetnsid: asked(46, s32),
    minMtu: attribute(50, u32),
    maxMtu: attribute(51, u32),
    /** The address the hardware came with. */
    permanentAddress: attribute(54, linkAddress),
    /** One of its further names, to look it up by. */
    altName: altNameField,
    /** Its further names. */
    altNames: altNamesField,
  }) as const;
