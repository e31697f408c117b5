// Several links as one: IFLA_BOND_* of <linux/if_link.h>, the kernel's Documentation/networking/bonding.rst.
import { attribute } from '../../codec/field.ts';
import { indexed } from '../../codec/list.ts';
import { nest, schema } from '../../codec/schema.ts';
import { boolean, ip, linkAddress, named, u8, u16, u32 } from '../../codec/type.ts';

const aggregator = schema(0, () => ({
  id: attribute(1, u16),
  ports: attribute(2, u16),
  actorKey: attribute(3, u16),
  partnerKey: attribute(4, u16),
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
  mode: attribute(1, named(u8, modes)),
  /** The port that is in use, modes active-backup, tlb and alb. */
  activeSlave: attribute(2, u32),
  /** Milliseconds between looks at the ports' carrier; 0 is never. */
  miimon: attribute(3, u32),
  /** Milliseconds, multiples of `miimon`, until a port that came up is used and one that went down is left. */
  updelay: attribute(4, u32),
  downdelay: attribute(5, u32),
  useCarrier: attribute(6, boolean),
  /** Milliseconds between ARP probes; 0 is none. */
  arpInterval: attribute(7, u32),
  /** Whom to probe, up to 16 IPv4 addresses. */
  arpIpTargets: attribute(8, indexed(ip)),
  arpValidate: attribute(9, named(u32, validations)),
  arpAllTargets: attribute(10, named(u32, { any: 0, all: 1 })),
  /** The port to prefer. */
  primary: attribute(11, u32),
  primaryReselect: attribute(12, named(u8, { always: 0, better: 1, failure: 2 })),
  failOverMac: attribute(13, named(u8, { none: 0, active: 1, follow: 2 })),
  transmitHashPolicy: attribute(14, named(u8, policies)),
  /** Membership reports after a failover, 0 to 255. */
  resendIgmp: attribute(15, u32),
  /** Gratuitous ARPs after a failover, 0 to 255. */
  numPeerNotifications: attribute(16, u8),
  allSlavesActive: attribute(17, boolean),
  /** Ports with carrier that the bond needs for its own. */
  minLinks: attribute(18, u32),
  /** Seconds between learning packets. */
  learningPacketInterval: attribute(19, u32),
  /** Packets to send by one port before the next, balance-rr; 0 is random. */
  packetsPerSlave: attribute(20, u32),
  lacpRate: attribute(21, named(u8, { slow: 0, fast: 1 })),
  adSelect: attribute(22, named(u8, { stable: 0, bandwidth: 1, count: 2 })),
  /** The active aggregator, mode 802.3ad. The kernel tells it. */
  aggregator: attribute(23, nest(aggregator)),
  /** 1 to 65535. */
  adActorSystemPriority: attribute(24, u16),
  /** 0 to 1023. */
  adUserPortKey: attribute(25, u16),
  adActorSystem: attribute(26, linkAddress),
  tlbDynamicBalance: attribute(27, boolean),
  /** Milliseconds between notifications, a multiple of `miimon`. */
  peerNotificationDelay: attribute(28, u32),
  lacpActive: attribute(29, boolean),
  /** Probes without answer after which a port is down. */
  missedMax: attribute(30, u8),
  /** Whom to probe, up to 16 IPv6 addresses. */
  nsIp6Targets: attribute(31, indexed(ip)),
  coupledControl: attribute(32, boolean),
  /** Answer to neighbours by all ports, mode 802.3ad. Linux 6.17. */
  broadcastNeighbour: attribute(33, boolean),
});

/** What a link that is a bond's port has of it. The kernel takes `queueId` and `priority`, and tells the others. */
export const bondPort = () => ({
  state: attribute(1, named(u8, { active: 0, backup: 1 })),
  miiStatus: attribute(2, named(u8, { up: 0, 'going down': 1, down: 2, 'going back': 3 })),
  linkFailureCount: attribute(3, u32),
  /** The hardware address that the link had before. */
  permanentAddress: attribute(4, linkAddress),
  queueId: attribute(5, u16),
  aggregatorId: attribute(6, u16),
  adActorState: attribute(7, u8),
  adPartnerState: attribute(8, u16),
  /** Higher is preferred. Linux 6.0. */
  priority: attribute(9, u32),
});
