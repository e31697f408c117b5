// Bridges: IFLA_BR_* and IFLA_BRPORT_* of <linux/if_link.h>, ip-link(8), bridge(8). All times are in hundredths of a
// second. Those that are called `…Timer` are set by the kernel.
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

/** Priority of a bridge in base 16, and its hardware address: `8000.02:00:00:00:00:01`. */
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

/** Which system sends membership queries, by address family. Set by the kernel. */
const querierState = schema(0, () => ({
  /** Address of the IPv4 querier. */
  address: attribute(1, ip),
  /** Index of the port that it is behind; unset if the bridge itself is the querier. */
  port: attribute(2, u32),
  /** Time until the other IPv4 querier is considered gone. */
  otherTimer: attribute(3, u64),
  /** Address of the IPv6 querier. */
  address6: attribute(5, ip),
  /** Index of the port that it is behind; unset if the bridge itself is the querier. */
  port6: attribute(6, u32),
  /** Time until the other IPv6 querier is considered gone. */
  otherTimer6: attribute(7, u64),
}));

/** Whether multicast routers are considered present: never, by their queries, always, or for some time. */
export const multicastRouter = { disabled: 0, query: 1, permanent: 2, temporary: 3 };

export const bridge = () => ({
  /** Time that a port listens, and then learns, before it forwards: 200 to 3000. */
  forwardDelay: attribute(1, u32),
  /** Time between messages of the root bridge: 100 to 1000. */
  helloTime: attribute(2, u32),
  /** Time after which information from the root bridge is out of date: 600 to 4000. */
  maxAge: attribute(3, u32),
  /** Time after which a learned address is forgotten. */
  ageingTime: attribute(4, u32),
  /** The spanning tree protocol: 0 off, 1 by the kernel, 2 by a program. */
  stpState: attribute(5, u32),
  /** Priority to become the root bridge; the lowest one wins. */
  priority: attribute(6, u16),
  /** Whether the bridge separates VLANs. */
  vlanFiltering: attribute(7, boolean),
  /** Ethernet type of VLAN tags. */
  vlanProtocol: attribute(8, named(be16, { '802.1q': 0x8100, '802.1ad': 0x88a8 })),
  /**
   * One bit for each of the link-local groups 01:80:c2:00:00:0X, whether packets to it are forwarded; not possible for 0,
   * 1 and 2.
   */
  groupForwardMask: attribute(9, u16),
  /** Identifier of the root bridge. Set by the kernel. */
  rootId: attribute(10, bridgeId),
  /** Identifier of this bridge. Set by the kernel. */
  bridgeId: attribute(11, bridgeId),
  /** Number of the port that leads to the root bridge. Set by the kernel. */
  rootPort: attribute(12, u16),
  /** Cost of the path to the root bridge. Set by the kernel. */
  rootPathCost: attribute(13, u32),
  /** 1 during a topology change. Set by the kernel. */
  topologyChange: attribute(14, u8),
  /** 1 if this bridge detected the topology change. Set by the kernel. */
  topologyChangeDetected: attribute(15, u8),
  /** Time until the next message of the root bridge. */
  helloTimer: attribute(16, u64),
  /** Time until the next notification of a topology change. */
  tcnTimer: attribute(17, u64),
  /** Time until the topology change ends. */
  topologyChangeTimer: attribute(18, u64),
  /** Time until learned addresses are next checked for their age. */
  gcTimer: attribute(19, u64),
  /** Destination address of messages of the spanning tree protocol. */
  groupAddress: attribute(20, linkAddress),
  /** Forgets learned addresses. */
  fdbFlush: attribute(21, flag),
  /** Whether the bridge itself is considered a multicast router. */
  multicastRouter: attribute(22, named(u8, multicastRouter)),
  /** Whether the bridge learns who has joined a group (IGMP and MLD snooping). */
  multicastSnooping: attribute(23, boolean),
  /** Sends queries from the bridge's IPv4 address rather than from 0.0.0.0. */
  multicastQueryUseIfaddr: attribute(24, boolean),
  /** Whether the bridge sends queries itself. */
  multicastQuerier: attribute(25, boolean),
  /** Not used by current kernels. */
  multicastHashElasticity: attribute(26, u32),
  /** Maximum number of entries of the multicast database. */
  multicastHashMax: attribute(27, u32),
  /** Queries that are sent after a member has left, before the group is dropped. */
  multicastLastMemberCount: attribute(28, u32),
  /** Queries that are sent at start-up. */
  multicastStartupQueryCount: attribute(29, u32),
  /** Time between queries after a member has left. */
  multicastLastMemberInterval: attribute(30, u64),
  /** Time without reports after which a member is dropped. */
  multicastMembershipInterval: attribute(31, u64),
  /** Time without queries after which another querier is considered gone. */
  multicastQuerierInterval: attribute(32, u64),
  /** Time between queries. */
  multicastQueryInterval: attribute(33, u64),
  /** Time that members have to answer a query. */
  multicastQueryResponseInterval: attribute(34, u64),
  /** Time between queries at start-up. */
  multicastStartupQueryInterval: attribute(35, u64),
  /** Passes IPv4 packets through the hooks of iptables (br_netfilter). */
  nfCallIptables: attribute(36, boolean),
  /** Passes IPv6 packets through the hooks of ip6tables (br_netfilter). */
  nfCallIp6tables: attribute(37, boolean),
  /** Passes ARP packets through the hooks of arptables (br_netfilter). */
  nfCallArptables: attribute(38, boolean),
  /** VLAN of untagged packets, 1 to 4094; 0 for none. */
  defaultPvid: attribute(39, u16),
  /** Counts packets per VLAN. */
  vlanStatistics: attribute(41, boolean),
  /** Counts multicast protocol packets. */
  multicastStatistics: attribute(42, boolean),
  /** Version of IGMP, 2 or 3. */
  multicastIgmpVersion: attribute(43, u8),
  /** Version of MLD, 1 or 2. */
  multicastMldVersion: attribute(44, u8),
  /** Counts packets per VLAN and port. */
  vlanStatisticsPerPort: attribute(45, boolean),
  /**
   * BR_BOOLOPT_*: 1 no learning from link-local packets, 2 multicast snooping per VLAN, 4 MST. `mask` has the bits to
   * change.
   */
  options: attribute(46, struct({ value: u32, mask: u32 })),
  /** The current queriers. Set by the kernel. */
  multicastQuerierState: attribute(47, nest(querierState)),
  /** Number of learned addresses. Linux 6.7. */
  fdbLearned: attribute(48, u32),
  /** Limit of `fdbLearned`; 0 is no limit. Linux 6.7. */
  fdbMaxLearned: attribute(49, u32),
});

/** State of a port in the spanning tree protocol. */
export const portState = named(u8, { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 });

/** Properties of a port of a bridge: `bridge link` of bridge(8), `type bridge_slave` of ip-link(8). */
export const bridgePort = () => ({
  /** State of the port in the spanning tree protocol. */
  state: attribute(1, portState),
  /** Priority to become the designated port, 0 to 63; the lowest one wins. */
  priority: attribute(2, u16),
  /** Cost of the path through the port, 1 to 65535. */
  cost: attribute(3, u32),
  /** Sends packets back by the port that they arrived by. */
  hairpin: attribute(4, boolean),
  /** Blocks the port if it receives a message of the spanning tree protocol (BPDU guard). */
  guard: attribute(5, boolean),
  /** The port cannot become the root port. */
  rootBlock: attribute(6, boolean),
  /** Drops a group as soon as a report says that its member leaves. */
  fastLeave: attribute(7, boolean),
  /** Learns addresses from packets. */
  learning: attribute(8, boolean),
  /** Sends packets for unknown addresses by the port. */
  flood: attribute(9, boolean),
  /** Answers ARP requests for known neighbours (proxy ARP). */
  proxyArp: attribute(10, boolean),
  /** Adds addresses that hardware learned to the bridge's table. */
  learningSync: attribute(11, boolean),
  /** Proxy ARP as IEEE 802.11 and Hotspot 2.0 require it. */
  proxyArpWifi: attribute(12, boolean),
  /** Identifier of the root bridge. Set by the kernel. */
  rootId: attribute(13, bridgeId),
  /** Identifier of the designated bridge. Set by the kernel. */
  designatedBridge: attribute(14, bridgeId),
  /** Identifier of the designated port. Set by the kernel. */
  designatedPort: attribute(15, u16),
  /** Cost of the designated path. Set by the kernel. */
  designatedCost: attribute(16, u16),
  /** Identifier of the port in the spanning tree protocol: priority and number. Set by the kernel. */
  id: attribute(17, u16),
  /** Number of the port. Set by the kernel. */
  number: attribute(18, u16),
  /** 1 if a topology change is to be acknowledged. Set by the kernel. */
  topologyChangeAck: attribute(19, u8),
  /** 1 if a configuration message is to be sent. Set by the kernel. */
  configPending: attribute(20, u8),
  /** Time until information from the port is out of date. */
  messageAgeTimer: attribute(21, u64),
  /** Time until the next state of the port. */
  forwardDelayTimer: attribute(22, u64),
  /** Time until another configuration message may be sent. */
  holdTimer: attribute(23, u64),
  /** Forgets addresses that were learned by the port. */
  fdbFlush: attribute(24, flag),
  /** Whether multicast routers are considered present behind the port. */
  multicastRouter: attribute(25, named(u8, multicastRouter)),
  /** Sends multicast packets of unknown groups by the port. */
  multicastFlood: attribute(27, boolean),
  /** Sends multicast packets to each member as unicast. */
  multicastToUnicast: attribute(28, boolean),
  /** Maps VLANs of the port to tunnel identifiers. */
  vlanTunnel: attribute(29, boolean),
  /** Sends broadcast packets by the port. */
  broadcastFlood: attribute(30, boolean),
  /** As `groupForwardMask` of the bridge, for this port. */
  groupForwardMask: attribute(31, u16),
  /** Answers ARP and neighbour solicitations for known neighbours instead of flooding them. */
  neighbourSuppress: attribute(32, boolean),
  /** Isolated ports cannot reach each other. */
  isolated: attribute(33, boolean),
  /** Index of the port to use while this one has no carrier; 0 for none. */
  backupPort: attribute(34, u32),
  /** The port's media redundancy ring (MRP) is open. Set by the kernel. */
  mrpRingOpen: attribute(35, boolean),
  /** The port's MRP interconnect ring is open. Set by the kernel. */
  mrpInOpen: attribute(36, boolean),
  /** Limit of the hosts that are tracked individually (IGMPv3, MLDv2). */
  multicastEhtHostsLimit: attribute(37, u32),
  /** Number of hosts that are tracked. Set by the kernel. */
  multicastEhtHosts: attribute(38, u32),
  /** Accepts packets only from addresses that the table has for this port. Linux 5.18. */
  locked: attribute(39, boolean),
  /** Adds a locked entry for addresses that `locked` refuses (MAC authentication bypass). Linux 6.2. */
  mab: attribute(40, boolean),
  /** Number of multicast groups that the port has joined. Linux 6.3. */
  multicastGroups: attribute(41, u32),
  /** Limit of `multicastGroups`; 0 is no limit. Linux 6.3. */
  multicastMaxGroups: attribute(42, u32),
  /** `neighbourSuppress` is set per VLAN. Linux 6.4. */
  neighbourVlanSuppress: attribute(43, boolean),
  /** Identifier of the nexthop object for packets that use `backupPort`; 0 for none. Linux 6.6. */
  backupNexthopId: attribute(44, u32),
});
