// Bonds, several links used as one: IFLA_BOND_* of <linux/if_link.h>, the kernel's Documentation/networking/bonding.rst.
import { attribute } from '../../codec/field.ts';
import { indexed } from '../../codec/list.ts';
import { nest, schema } from '../../codec/schema.ts';
import { boolean, ip, linkAddress, named, s32, u8, u16, u32 } from '../../codec/type.ts';

const aggregator = schema(0, () => ({
  /** Identifier of the aggregator. */
  id: attribute(1, u16),
  /** Number of its ports. */
  ports: attribute(2, u16),
  /** LACP key of this system. */
  actorKey: attribute(3, u16),
  /** LACP key of the partner. */
  partnerKey: attribute(4, u16),
  /** Hardware address of the partner. */
  partnerAddress: attribute(5, linkAddress),
}));

const modes = {
  'balance-rr': 0,
  'active-backup': 1,
  'balance-xor': 2,
  broadcast: 3,
  '802.3ad': 4,
  'balance-tlb': 5,
  'balance-alb': 6,
};

const policies = { layer2: 0, 'layer3+4': 1, 'layer2+3': 2, 'encap2+3': 3, 'encap3+4': 4, 'vlan+srcmac': 5 };

const validations = {
  none: 0,
  active: 1,
  backup: 2,
  all: 3,
  filter: 4,
  filter_active: 5,
  filter_backup: 6,
};

export const bond = () => ({
  /** How traffic is distributed over the ports. */
  mode: attribute(1, named(u8, modes)),
  /** Index of the port that is in use. Modes active-backup, balance-tlb and balance-alb. */
  activeSlave: attribute(2, u32),
  /** Milliseconds between checks of the ports' carrier; 0 is never. */
  miimon: attribute(3, u32),
  /** Milliseconds from the return of carrier until the port is used, a multiple of `miimon`. */
  updelay: attribute(4, u32),
  /** Milliseconds from the loss of carrier until the port is left, a multiple of `miimon`. */
  downdelay: attribute(5, u32),
  /** Whether carrier is read from the kernel's state rather than from the device's registers. */
  useCarrier: attribute(6, boolean),
  /** Milliseconds between ARP probes; 0 is never. */
  arpInterval: attribute(7, u32),
  /** Targets of the probes, up to 16 IPv4 addresses. */
  arpIpTargets: attribute(8, indexed(ip)),
  /** Which ports accept only valid ARP packets as answers, and which ignore other traffic (`filter`). */
  arpValidate: attribute(9, named(u32, validations)),
  /** Whether a port is up if any target answers, or only if all do. */
  arpAllTargets: attribute(10, named(u32, { any: 0, all: 1 })),
  /** Index of the preferred port. */
  primary: attribute(11, u32),
  /** When the preferred port is used again after it failed. */
  primaryReselect: attribute(12, named(u8, { always: 0, better: 1, failure: 2 })),
  /** Which hardware address is used after a failover: the same for all ports, or that of the active port. */
  failOverMac: attribute(13, named(u8, { none: 0, active: 1, follow: 2 })),
  /** Which header fields select the port, modes balance-xor, 802.3ad and balance-tlb. */
  transmitHashPolicy: attribute(14, named(u8, policies)),
  /** Membership reports after a failover, 0 to 255. */
  resendIgmp: attribute(15, u32),
  /** Gratuitous ARPs and unsolicited neighbour advertisements after a failover, 0 to 255. */
  numPeerNotifications: attribute(16, u8),
  /** Accepts duplicate packets that arrive on inactive ports. */
  allSlavesActive: attribute(17, boolean),
  /** Number of ports with carrier that the bond needs to have carrier itself. Mode 802.3ad. */
  minLinks: attribute(18, u32),
  /** Seconds between learning packets to the switch. Modes balance-tlb and balance-alb. */
  learningPacketInterval: attribute(19, u32),
  /** Packets to send by one port before the next one is used, 0 is random. Mode balance-rr. */
  packetsPerSlave: attribute(20, u32),
  /** How often the partner is asked to send LACP packets: every 30 seconds (`slow`) or every second. Mode 802.3ad. */
  lacpRate: attribute(21, named(u8, { slow: 0, fast: 1 })),
  /** How the active aggregator is selected. Mode 802.3ad. */
  adSelect: attribute(22, named(u8, { stable: 0, bandwidth: 1, count: 2 })),
  /** The active aggregator. Mode 802.3ad. Set by the kernel. */
  aggregator: attribute(23, nest(aggregator)),
  /** System priority in LACP packets, 1 to 65535. Mode 802.3ad. */
  adActorSystemPriority: attribute(24, u16),
  /** Upper bits of the LACP port key, 0 to 1023. Mode 802.3ad. */
  adUserPortKey: attribute(25, u16),
  /** Hardware address in LACP packets. Mode 802.3ad. */
  adActorSystem: attribute(26, linkAddress),
  /** Rebalances flows by load. Mode balance-tlb. */
  tlbDynamicBalance: attribute(27, boolean),
  /** Milliseconds between notifications of peers, a multiple of `miimon`. */
  peerNotificationDelay: attribute(28, u32),
  /** Sends LACP packets periodically rather than only in answer to the partner's. Mode 802.3ad. */
  lacpActive: attribute(29, boolean),
  /** Number of unanswered probes after which a port is down, 1 to 255. */
  missedMax: attribute(30, u8),
  /** Targets of neighbour solicitations as probes, up to 16 IPv6 addresses. */
  nsIp6Targets: attribute(31, indexed(ip)),
  /** Collecting and distributing of LACP are switched together. Mode 802.3ad. Linux 6.9. */
  coupledControl: attribute(32, boolean),
  /** Sends ARP and neighbour discovery packets by all ports. Mode 802.3ad. Linux 6.17. */
  broadcastNeighbour: attribute(33, boolean),
});

/** Properties of a port of a bond. Requests can set `queueId` and `priority`; the kernel sets the others. */
export const bondPort = () => ({
  /** Whether the port is in use. */
  state: attribute(1, named(u8, { active: 0, backup: 1 })),
  /** State of the port's link, as the bond sees it. */
  miiStatus: attribute(2, named(u8, { up: 0, 'going down': 1, down: 2, 'going back': 3 })),
  /** How often the port lost carrier. */
  linkFailureCount: attribute(3, u32),
  /** Hardware address of the link before it became a port. */
  permanentAddress: attribute(4, linkAddress),
  /** Transmit queue of the bond that selects this port; 0 is none. */
  queueId: attribute(5, u16),
  /** Identifier of its aggregator. Mode 802.3ad. */
  aggregatorId: attribute(6, u16),
  /** LACP state bits of this system. Mode 802.3ad. */
  adActorState: attribute(7, u8),
  /** LACP state bits of the partner. Mode 802.3ad. */
  adPartnerState: attribute(8, u16),
  /** Priority to become the active port, default 0: higher is preferred. Linux 6.0. */
  priority: attribute(9, s32),
});
