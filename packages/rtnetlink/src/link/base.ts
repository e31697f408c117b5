// Fields that links of all kinds have: struct ifinfomsg and IFLA_* of <linux/if_link.h>, ip-link(8).
import { asked, attribute, bit, header } from '../codec/field.ts';
import { nest, schema } from '../codec/schema.ts';
import { bareString, binary, boolean, named, s32, string, u8, u16, u32, uint } from '../codec/type.ts';
import { afSpecType } from './afspec.ts';
import { altNameField, altNamesField } from './altname.ts';
import { hardwareAddress } from './hardware-address.ts';
import { virtualFunctions } from './vf.ts';

/** Bytes of struct ifinfomsg. */
const headerSize = 16;
const flagsOffset = 8;
/** ifi_change selects the flags to change. */
const changeOffset = 12;

/** Parts of a link's message to add or leave out: RTEXT_FILTER_* of <linux/rtnetlink.h>. `extMask` is their sum. */
export const linkParts = {
  /** Adds virtual functions. */
  vf: 0x1,
  /** Adds the VLANs of a bridge and its ports, one by one. */
  bridgeVlan: 0x2,
  /** Adds the VLANs of a bridge and its ports, in ranges. */
  bridgeVlanCompressed: 0x4,
  /** Leaves out the counters of IPv6 and of virtual functions. This is the default of requests. */
  skipStatistics: 0x8,
} as const;

const protoDownReason = schema(0, () => ({
  /** The bits to change. */
  mask: attribute(1, u32),
  /** Values of these bits. */
  value: attribute(2, u32),
}));

const xdp = schema(0, () => ({
  /** File descriptor of the program to attach; -1 detaches. */
  fd: attribute(1, s32),
  /** How the program is attached. */
  attached: attribute(2, named(u8, { none: 0, driver: 1, generic: 2, offload: 3, multi: 4 })),
  /** XDP_FLAGS_*: 1 only if none is attached, 2 generic, 4 driver, 8 offload, 16 only if `expectedFd` is attached. */
  flags: attribute(3, u32),
  /** Identifier of the attached program. */
  programId: attribute(4, u32),
  /** Identifier of the program that the driver runs. */
  driverProgramId: attribute(5, u32),
  /** Identifier of the program in generic mode. */
  genericProgramId: attribute(6, u32),
  /** Identifier of the program that hardware runs. */
  offloadProgramId: attribute(7, u32),
  /** File descriptor of the program to replace. */
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

/** Flags of a link: IFF_* of <linux/if.h>, netdevice(7). */
export const linkFlags = {
  /** Administratively up. */
  up: 0x1,
  /** The broadcast address is valid. */
  broadcast: 0x2,
  /** Debugging by the driver is on. */
  debug: 0x4,
  /** A loopback interface. */
  loopback: 0x8,
  /** A point-to-point link. */
  pointToPoint: 0x10,
  /** Not used by Linux. */
  noTrailers: 0x20,
  /** Up, with carrier: packets can be sent (RFC 2863, operational state up). */
  running: 0x40,
  /** No ARP and no neighbour discovery. */
  noarp: 0x80,
  /** Receives packets for all hardware addresses. */
  promiscuous: 0x100,
  /** Receives packets of all multicast groups. */
  allMulticast: 0x200,
  /** Distributes traffic over ports, such as a bond. */
  master: 0x400,
  /** A port of such a link. */
  slave: 0x800,
  /** Supports multicast. */
  multicast: 0x1000,
  /** Can select its media type (ifmap). */
  portSelection: 0x2000,
  /** Selects its media type automatically. */
  autoMedia: 0x4000,
  /** The addresses are lost when the interface goes down. */
  dynamic: 0x8000,
  /** The lower layer is up: there is carrier. */
  lowerUp: 0x10000,
  /** Waits for an external event, such as authentication. */
  dormant: 0x20000,
  /** Returns sent packets to the sender (CAN). */
  echo: 0x40000,
} as const;

/** Fields that programs need to create and find links. */
export const usualFields = () => ({
  /** Address family; 0 for all messages but those about ports of bridges. */
  family: header(0, u8),
  /** Index of the interface; in `add`, the index to give it. */
  index: header(4, s32),
  /** Administratively up (IFF_UP). */
  up: bit(flagsOffset, linkFlags.up, changeOffset),
  /** Name, up to 15 bytes. Before Linux 6.2 only a link that is down can be renamed. */
  name: attribute(3, string(16)),
  /** Link-layer address; of a tunnel its own IP address. */
  address: hardwareAddress(1),
  /** Maximum transmission unit, in bytes. */
  mtu: attribute(4, u32),
  /** Index of the lower link, or of the peer of a veth, in the namespace `linkNetnsid` if that is given. */
  link: attribute(5, u32),
  /** Number of the namespace that `link` is in. */
  linkNetnsid: attribute(37, s32),
  /** Index of the bridge, bond or VRF that the link is a port of; 0 removes it. */
  master: attribute(10, u32),
  /** Length of the transmit queue, in packets. */
  txqueuelen: attribute(13, u32),
  /** Moves the link to, or creates it in, the namespace of this file descriptor. */
  netnsFd: asked(28, u32),
  /** Parts of the answer, a sum of `linkParts`. */
  extMask: asked(29, u32),
  /** Free text, up to 255 bytes; the empty text removes it. */
  alias: attribute(20, bareString(255)),
  /** One of its alternative names, to look it up by. */
  altName: altNameField,
  /** Its alternative names. */
  altNames: altNamesField,
});

/** All other fields, which few programs need. */
export const restOfLink = schema(headerSize, () => ({
  /** ARPHRD_*: 1 Ethernet, 772 loopback. */
  type: header(2, u16),
  /** A loopback interface (IFF_LOOPBACK). */
  loopback: bit(flagsOffset, linkFlags.loopback),
  /** A point-to-point link (IFF_POINTOPOINT). */
  pointToPoint: bit(flagsOffset, linkFlags.pointToPoint),
  /** Up, with carrier: packets can be sent (IFF_RUNNING). */
  running: bit(flagsOffset, linkFlags.running),
  /** No ARP and no neighbour discovery (IFF_NOARP). */
  noarp: bit(flagsOffset, linkFlags.noarp, changeOffset),
  /** Receives packets for all hardware addresses (IFF_PROMISC). */
  promiscuous: bit(flagsOffset, linkFlags.promiscuous, changeOffset),
  /** Receives packets of all multicast groups (IFF_ALLMULTI). */
  allMulticast: bit(flagsOffset, linkFlags.allMulticast, changeOffset),
  /** Supports multicast (IFF_MULTICAST). */
  multicast: bit(flagsOffset, linkFlags.multicast, changeOffset),
  /** The lower layer is up: there is carrier (IFF_LOWER_UP). */
  lowerUp: bit(flagsOffset, linkFlags.lowerUp),
  /** All flags, a sum of `linkFlags`. */
  flags: header(flagsOffset, u32),
  /** Link-layer broadcast address; of a tunnel the IP address of its other end. */
  broadcast: hardwareAddress(2),
  /** Name of the queueing discipline, tc(8). */
  qdisc: attribute(6, string(16)),
  /** Operational state (RFC 2863). */
  operstate: attribute(
    16,
    named(u8, { unknown: 0, notpresent: 1, down: 2, lowerlayerdown: 3, testing: 4, dormant: 5, up: 6 }),
  ),
  /** With `default`, the link is up as soon as it has carrier; with `dormant`, a program must allow it (RFC 2863). */
  linkMode: attribute(17, named(u8, { default: 0, dormant: 1, testing: 2 })),
  /** Moves the link to, or creates it in, the namespace of this process. */
  netnsPid: asked(19, u32),
  /** Number of virtual functions. With `linkParts.vf` in `extMask`. */
  numVf: attribute(21, u32),
  /** The virtual functions. With `linkParts.vf` in `extMask`. */
  vfs: attribute(22, virtualFunctions),
  /** Settings per address family. */
  afSpec: attribute(26, afSpecType()),
  /** Group number; the links of a group can be changed and deleted together. */
  group: attribute(27, u32),
  /** How many users have made the link promiscuous. */
  promiscuity: attribute(30, u32),
  /** How many users have made it receive all multicast groups. */
  allmulti: attribute(61, u32),
  /** Number of transmit queues. */
  numTxQueues: attribute(31, u32),
  /** Number of receive queues. */
  numRxQueues: attribute(32, u32),
  /** Whether the link has carrier. */
  carrier: attribute(33, boolean),
  /** Identifier of the port on a device with several ports. */
  physicalPortId: attribute(34, binary),
  /** Identifier of the switch that the port belongs to. */
  physicalSwitchId: attribute(36, binary),
  /** Name of the port on its device, up to 15 bytes. */
  physicalPortName: attribute(38, string(16)),
  /** How often carrier was gained or lost. */
  carrierChanges: attribute(35, u32),
  /** How often carrier was gained. */
  carrierUpCount: attribute(47, u32),
  /** How often carrier was lost. */
  carrierDownCount: attribute(48, u32),
  /** A protocol holds the link down. */
  protoDown: attribute(39, boolean),
  /** The reasons for that, one bit each. */
  protoDownReason: attribute(55, nest(protoDownReason)),
  /** Segmentation offload (GSO): maximum number of segments of a packet. */
  gsoMaxSegs: attribute(40, u32),
  /** Segmentation offload (GSO), IPv6: maximum size of a packet, in bytes. */
  gsoMaxSize: attribute(41, u32),
  /** Segmentation offload (GSO), IPv4: maximum size of a packet, in bytes. Linux 6.3. */
  gsoIpv4MaxSize: attribute(63, u32),
  /** Receive offload (GRO), IPv6: maximum size of a packet that is put together, in bytes. */
  groMaxSize: attribute(58, u32),
  /** Receive offload (GRO), IPv4: maximum size of a packet that is put together, in bytes. Linux 6.3. */
  groIpv4MaxSize: attribute(64, u32),
  /** Segmentation by the device (TSO): maximum size of a packet, in bytes. */
  tsoMaxSize: attribute(59, u32),
  /** Segmentation by the device (TSO): maximum number of segments. */
  tsoMaxSegs: attribute(60, u32),
  /** The BPF program that sees packets first (XDP). */
  xdp: attribute(43, nest(xdp)),
  /** What a notification is about. */
  event: attribute(44, named(u32, events)),
  /** Where a link was moved to: number of that namespace. */
  newNetnsid: attribute(45, s32),
  /**
   * In a request to move the link: its index in the other namespace, which if unset is any. In a notification: that index.
   * Linux 5.14.
   */
  newIndex: attribute(49, s32),
  /** Executes the request in the namespace with this number. */
  targetNetnsid: asked(46, s32),
  /** Lowest MTU that the link accepts, in bytes. */
  minMtu: attribute(50, u32),
  /** Highest MTU that the link accepts, in bytes; 0 is no limit. */
  maxMtu: attribute(51, u32),
  /** Address that the hardware was made with. */
  permanentAddress: hardwareAddress(54),
  /** Device of the link on its bus: `0000:00:03.0`. */
  parentDevice: attribute(56, string(256)),
  /** Bus of that device: `pci`. */
  parentBus: attribute(57, string(256)),
  /** How far ahead the device can schedule packets, in nanoseconds. Linux 6.13. */
  maxPacingOffloadHorizon: attribute(66, uint),
  /** The link cannot be moved to another namespace. Linux 6.15. */
  netnsImmutable: attribute(67, boolean),
  /** Bytes that are kept free before a packet. Linux 6.17. */
  headroom: attribute(68, u16),
  /** Bytes that are kept free after a packet. Linux 6.17. */
  tailroom: attribute(69, u16),
}));

/** A link without its kind. */
export const baseLink = schema(headerSize, usualFields, restOfLink);
