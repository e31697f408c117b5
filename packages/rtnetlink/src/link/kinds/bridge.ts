// Bridges: IFLA_BR_* and IFLA_BRPORT_* of <linux/if_link.h>, ip-link(8), bridge(8).
// Times are in hundredths of a second, those that the kernel only tells (`…Timer`) too.
import { attribute } from '../../codec/field.ts';
import { nest, schema } from '../../codec/schema.ts';
import { formatLinkAddress, parseLinkAddress, quote } from '../../codec/text.ts';
import {
  be16,
  boolean,
  flag,
  ip,
  linkAddress,
  named,
  type SizedType,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../../codec/type.ts';

/** A bridge's priority in base 16 and its hardware address: `8000.02:00:00:00:00:01`. */
const bridgeId: SizedType<string> = {
  size: 8,
  read({ bytes, view }, at, length) {
    if (length < 8) throw new RangeError(`a bridge's identifier has 8 bytes, not ${length}`);
    return `${view.getUint16(at).toString(16).padStart(4, '0')}.${formatLinkAddress(bytes, at + 2, 6)}`;
  },
  write(writer, value) {
    if (!/^[0-9a-f]{4}\.([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value))
      throw new RangeError(`${quote(value)} is not a priority and an address like 8000.02:00:00:00:00:01`);
    be16.write(writer, Number.parseInt(value.slice(0, 4), 16));
    writer.append(parseLinkAddress(value.slice(5)));
  },
};

/** Who sends membership queries, by family. The kernel only tells it. */
const querierState = schema(0, () => ({
  address: attribute(1, ip),
  /** The port's index, where it is not the bridge itself. */
  port: attribute(2, u32),
  otherTimer: attribute(3, u64),
  address6: attribute(5, ip),
  port6: attribute(6, u32),
  otherTimer6: attribute(7, u64),
}));

/** Whether routers for multicast are taken to be there. */
export const multicastRouter = { disabled: 0, query: 1, permanent: 2, temporary: 3 };

export const bridge = () => ({
  /** How long a port listens, and learns, before it forwards: 200 to 3000. */
  forwardDelay: attribute(1, u32),
  /** Between the root's messages: 100 to 1000. */
  helloTime: attribute(2, u32),
  /** How old what was heard of the root may be: 600 to 4000. */
  maxAge: attribute(3, u32),
  /** After which a learned address is forgotten. */
  ageingTime: attribute(4, u32),
  /** The spanning tree protocol: 0 off, 1 in the kernel, 2 in a program. */
  stpState: attribute(5, u32),
  /** To become the root; the lowest does. */
  priority: attribute(6, u16),
  vlanFiltering: attribute(7, boolean),
  vlanProtocol: attribute(8, named(be16, { '802.1q': 0x8100, '802.1ad': 0x88a8 })),
  /** A bit for each of the link-local groups 01:80:c2:00:00:0X that is forwarded; not 0, 1 and 2. */
  groupForwardMask: attribute(9, u16),
  rootId: attribute(10, bridgeId),
  bridgeId: attribute(11, bridgeId),
  rootPort: attribute(12, u16),
  rootPathCost: attribute(13, u32),
  topologyChange: attribute(14, u8),
  topologyChangeDetected: attribute(15, u8),
  helloTimer: attribute(16, u64),
  tcnTimer: attribute(17, u64),
  topologyChangeTimer: attribute(18, u64),
  gcTimer: attribute(19, u64),
  /** Where messages of the spanning tree protocol go. */
  groupAddress: attribute(20, linkAddress),
  /** Forgets what was learned. */
  fdbFlush: attribute(21, flag),
  multicastRouter: attribute(22, named(u8, multicastRouter)),
  multicastSnooping: attribute(23, boolean),
  multicastQueryUseIfaddr: attribute(24, boolean),
  multicastQuerier: attribute(25, boolean),
  multicastHashElasticity: attribute(26, u32),
  multicastHashMax: attribute(27, u32),
  multicastLastMemberCount: attribute(28, u32),
  multicastStartupQueryCount: attribute(29, u32),
  multicastLastMemberInterval: attribute(30, u64),
  multicastMembershipInterval: attribute(31, u64),
  multicastQuerierInterval: attribute(32, u64),
  multicastQueryInterval: attribute(33, u64),
  multicastQueryResponseInterval: attribute(34, u64),
  multicastStartupQueryInterval: attribute(35, u64),
  nfCallIptables: attribute(36, boolean),
  nfCallIp6tables: attribute(37, boolean),
  nfCallArptables: attribute(38, boolean),
  /** Of packets without a tag: 0 for none, to 4094. */
  defaultPvid: attribute(39, u16),
  vlanStatistics: attribute(41, boolean),
  multicastStatistics: attribute(42, boolean),
  /** 2 or 3. */
  multicastIgmpVersion: attribute(43, u8),
  /** 1 or 2. */
  multicastMldVersion: attribute(44, u8),
  vlanStatisticsPerPort: attribute(45, boolean),
  /** BR_BOOLOPT_*, of the bits that `mask` names: 1 no learning of link-local, 2 multicast snooping by VLAN, 4 MST. */
  options: attribute(46, struct({ value: u32, mask: u32 })),
  multicastQuerierState: attribute(47, nest(querierState)),
  /** How many addresses are learned, and how many may be; 0 is without limit. Linux 6.7. */
  fdbLearned: attribute(48, u32),
  fdbMaxLearned: attribute(49, u32),
});

/** What the spanning tree protocol lets a port do. */
export const portState = named(u8, { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 });

/** What a link that is a bridge's port has of it: `bridge link` of bridge(8), `type bridge_slave` of ip-link(8). */
export const bridgePort = () => ({
  state: attribute(1, portState),
  /** To become the designated port, 0 to 63; the lowest does. */
  priority: attribute(2, u16),
  /** Of the path through it, 1 to 65535. */
  cost: attribute(3, u32),
  /** Sends packets back by the port that they came in by. */
  hairpin: attribute(4, boolean),
  /** Shuts the port where a message of the spanning tree protocol comes in. */
  guard: attribute(5, boolean),
  /** Does not let the port become the root port. */
  rootBlock: attribute(6, boolean),
  /** Leaves a group at once where a report says so. */
  fastLeave: attribute(7, boolean),
  learning: attribute(8, boolean),
  /** Sends by the port what is for an unknown address. */
  flood: attribute(9, boolean),
  proxyArp: attribute(10, boolean),
  learningSync: attribute(11, boolean),
  proxyArpWifi: attribute(12, boolean),
  rootId: attribute(13, bridgeId),
  designatedBridge: attribute(14, bridgeId),
  designatedPort: attribute(15, u16),
  designatedCost: attribute(16, u16),
  id: attribute(17, u16),
  number: attribute(18, u16),
  topologyChangeAck: attribute(19, u8),
  configPending: attribute(20, u8),
  messageAgeTimer: attribute(21, u64),
  forwardDelayTimer: attribute(22, u64),
  holdTimer: attribute(23, u64),
  /** Forgets what was learned by the port. */
  fdbFlush: attribute(24, flag),
  multicastRouter: attribute(25, named(u8, multicastRouter)),
  multicastFlood: attribute(27, boolean),
  /** Sends multicast packets to each member by itself. */
  multicastToUnicast: attribute(28, boolean),
  vlanTunnel: attribute(29, boolean),
  broadcastFlood: attribute(30, boolean),
  groupForwardMask: attribute(31, u16),
  /** Answers ARP and neighbour solicitations for whom the bridge knows. */
  neighbourSuppress: attribute(32, boolean),
  /** Isolated ports do not reach each other. */
  isolated: attribute(33, boolean),
  /** The port to use where this one has no carrier; 0 for none. */
  backupPort: attribute(34, u32),
  mrpRingOpen: attribute(35, boolean),
  mrpInOpen: attribute(36, boolean),
  multicastEhtHostsLimit: attribute(37, u32),
  multicastEhtHosts: attribute(38, u32),
  /** Takes packets only of addresses that are known. Linux 5.18. */
  locked: attribute(39, boolean),
  /** Notes addresses that `locked` refused. Linux 6.2. */
  mab: attribute(40, boolean),
  /** How many groups the port is in, and may be; 0 is without limit. Linux 6.3. */
  multicastGroups: attribute(41, u32),
  multicastMaxGroups: attribute(42, u32),
  /** Linux 6.4. */
  neighbourVlanSuppress: attribute(43, boolean),
  /** The nexthop object for what goes by `backupPort`; 0 for none. Linux 6.6. */
  backupNexthopId: attribute(44, u32),
});
