// What every link has, whatever its kind: struct ifinfomsg and IFLA_* of <linux/if_link.h>, ip-link(8).
import { asked, attribute, bit, header } from '../codec/field.ts';
import { nest, schema } from '../codec/schema.ts';
import { bareString, binary, boolean, linkAddress, named, s32, string, u8, u16, u32, uint } from '../codec/type.ts';
import { afSpecType } from './afspec.ts';
import { altNameField, altNamesField } from './altname.ts';
import { virtualFunctions } from './vf.ts';

/** Bytes of struct ifinfomsg. */
const headerSize = 16;
const flagsOffset = 8;
/** ifi_change says which flags are meant. */
const changeOffset = 12;

/** What of a link's message is left out or added, RTEXT_FILTER_* of <linux/rtnetlink.h>. Its sum is `extMask`. */
export const linkParts = {
  /** Adds virtual functions. */
  vf: 0x1,
  /** Adds VLANs of a bridge, one by one or in ranges. */
  bridgeVlan: 0x2,
  bridgeVlanCompressed: 0x4,
  /** Leaves out counters of IPv6 and of virtual functions. Requests do so where they give no `extMask`. */
  skipStatistics: 0x8,
} as const;

const protoDownReason = schema(0, () => ({
  /** Which of the bits are meant. */
  mask: attribute(1, u32),
  value: attribute(2, u32),
}));

const xdp = schema(0, () => ({
  /** The program to attach; -1 detaches. */
  fd: attribute(1, s32),
  attached: attribute(2, named(u8, { none: 0, driver: 1, generic: 2, offload: 3, multi: 4 })),
  /** XDP_FLAGS_*: 1 only where none is, 2 generic, 4 driver, 8 offload, 16 only in the place of `expectedFd`. */
  flags: attribute(3, u32),
  /** The attached program's number, and that of each way. */
  programId: attribute(4, u32),
  driverProgramId: attribute(5, u32),
  genericProgramId: attribute(6, u32),
  offloadProgramId: attribute(7, u32),
  expectedFd: attribute(8, s32),
}));

const events = {
  none: 0,
  reboot: 1,
  features: 2,
  bondingFailover: 3,
  notifyPeers: 4,
  resendIgmp: 5,
  bondingOptions: 6,
};

/** Flags of a link, IFF_* of <linux/if.h>, netdevice(7). */
export const linkFlags = {
  up: 0x1,
  broadcast: 0x2,
  debug: 0x4,
  loopback: 0x8,
  pointToPoint: 0x10,
  noTrailers: 0x20,
  running: 0x40,
  noarp: 0x80,
  promiscuous: 0x100,
  allMulticast: 0x200,
  /** Of a bond or another load balancer, and of its ports. */
  master: 0x400,
  slave: 0x800,
  multicast: 0x1000,
  portSelection: 0x2000,
  autoMedia: 0x4000,
  dynamic: 0x8000,
  lowerUp: 0x10000,
  dormant: 0x20000,
  echo: 0x40000,
} as const;

/** What programs that make links, or find them, have to do with. */
export const usualFields = () => ({
  family: header(0, u8),
  /** The interface's number; on creation, the number it shall have. */
  index: header(4, s32),
  /** Administratively up (IFF_UP). */
  up: bit(flagsOffset, linkFlags.up, changeOffset),
  /** Up to 15 bytes. */
  name: attribute(3, string(16)),
  /** The link-layer address. */
  address: attribute(1, linkAddress),
  /** Bytes. */
  mtu: attribute(4, u32),
  /** The lower link, or the peer of a veth; in the namespace `linkNetnsid` where that is given. */
  link: attribute(5, u32),
  /** The number of the namespace that `link` is in. */
  linkNetnsid: attribute(37, s32),
  /** The bridge, bond or VRF it belongs to; 0 takes it out. */
  master: attribute(10, u32),
  /** Packets that may wait to be sent. */
  txqueuelen: attribute(13, u32),
  /** Moves the link to, or creates it in, the namespace of this file descriptor. */
  netnsFd: asked(28, u32),
  /** What a reply holds, a sum of `linkParts`. */
  extMask: asked(29, u32),
  /** A free text, up to 255 bytes; the empty one takes it away. */
  alias: attribute(20, bareString(255)),
  /** One of its further names, to look it up by. */
  altName: altNameField,
  /** Its further names. */
  altNames: altNamesField,
});

/** All else. Most programs need none of it. */
export const restOfLink = schema(headerSize, () => ({
  /** ARPHRD_*: 1 for Ethernet, 772 for loopback. */
  type: header(2, u16),
  loopback: bit(flagsOffset, linkFlags.loopback),
  pointToPoint: bit(flagsOffset, linkFlags.pointToPoint),
  /** Can send: up, and its lower layer too (IFF_RUNNING). */
  running: bit(flagsOffset, linkFlags.running),
  noarp: bit(flagsOffset, linkFlags.noarp, changeOffset),
  promiscuous: bit(flagsOffset, linkFlags.promiscuous, changeOffset),
  allMulticast: bit(flagsOffset, linkFlags.allMulticast, changeOffset),
  multicast: bit(flagsOffset, linkFlags.multicast, changeOffset),
  /** Its lower layer is up (IFF_LOWER_UP): there is carrier. */
  lowerUp: bit(flagsOffset, linkFlags.lowerUp),
  /** All of them, a sum of `linkFlags`. */
  flags: header(flagsOffset, u32),
  broadcast: attribute(2, linkAddress),
  /** The queueing discipline, tc(8). */
  qdisc: attribute(6, string(16)),
  operstate: attribute(
    16,
    named(u8, { unknown: 0, notpresent: 1, down: 2, lowerlayerdown: 3, testing: 4, dormant: 5, up: 6 }),
  ),
  /** Whether it is up as soon as there is carrier, or waits for a program (RFC 2863). */
  linkMode: attribute(17, named(u8, { default: 0, dormant: 1, testing: 2 })),
  /** Moves the link to, or creates it in, the namespace of this process. */
  netnsPid: asked(19, u32),
  /** How many virtual functions the device has. With `linkParts.vf` in `extMask`. */
  numVf: attribute(21, u32),
  /** Its virtual functions. With `linkParts.vf` in `extMask`. */
  vfs: attribute(22, virtualFunctions),
  afSpec: attribute(26, afSpecType()),
  /** Links in one group can be changed and deleted together. */
  group: attribute(27, u32),
  /** How many times it was made promiscuous, and all-multicast. */
  promiscuity: attribute(30, u32),
  allmulti: attribute(61, u32),
  numTxQueues: attribute(31, u32),
  numRxQueues: attribute(32, u32),
  carrier: attribute(33, boolean),
  /** Of a device with several ports: which port, which device. */
  physicalPortId: attribute(34, binary),
  physicalSwitchId: attribute(36, binary),
  physicalPortName: attribute(38, string(16)),
  /** How often there was carrier or none, and each. */
  carrierChanges: attribute(35, u32),
  carrierUpCount: attribute(47, u32),
  carrierDownCount: attribute(48, u32),
  /** Held down by a protocol, for reasons of which each has a bit. */
  protoDown: attribute(39, boolean),
  protoDownReason: attribute(55, nest(protoDownReason)),
  /** Packets, and bytes, that are cut only as they leave (segmentation offload), IPv6 and IPv4. */
  gsoMaxSegs: attribute(40, u32),
  gsoMaxSize: attribute(41, u32),
  gsoIpv4MaxSize: attribute(63, u32),
  /** Bytes that are put together as they come (receive offload), IPv6 and IPv4. */
  groMaxSize: attribute(58, u32),
  groIpv4MaxSize: attribute(64, u32),
  /** What the device can cut. */
  tsoMaxSize: attribute(59, u32),
  tsoMaxSegs: attribute(60, u32),
  /** The BPF program that sees packets first. */
  xdp: attribute(43, nest(xdp)),
  /** What a notification is about. */
  event: attribute(44, named(u32, events)),
  /** Where the link has gone: the number of the namespace, and what its index is there. */
  newNetnsid: attribute(45, s32),
  /** On a move: the index that it shall have there, 0 for any. Linux 5.14. */
  newIndex: attribute(49, s32),
  /** Asks in, or for, the namespace that has this number here. */
  targetNetnsid: asked(46, s32),
  /** Bytes. */
  minMtu: attribute(50, u32),
  maxMtu: attribute(51, u32),
  /** The address the hardware came with. */
  permanentAddress: attribute(54, linkAddress),
  /** The device that it stands for, and its bus: `0000:00:03.0`, `pci`. */
  parentDevice: attribute(56, string(256)),
  parentBus: attribute(57, string(256)),
  /** How far ahead the device takes packets, nanoseconds. Linux 6.13. */
  maxPacingOffloadHorizon: attribute(66, uint),
  /** Stays in its namespace. Linux 6.15. */
  netnsImmutable: attribute(67, boolean),
  /** Bytes that are kept free before and behind a packet. Linux 6.17. */
  headroom: attribute(68, u16),
  tailroom: attribute(69, u16),
}));

/** A link without its kind. */
export const baseLink = schema(headerSize, usualFields, restOfLink);
