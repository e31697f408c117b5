// Counters of links: struct if_stats_msg, struct rtnl_link_stats64 and IFLA_STATS_* of <linux/if_link.h>, ip-stats(8).
import { attribute, header } from '../codec/field.ts';
import { message } from '../codec/message.ts';
import { type Input, nest, type Output, schema } from '../codec/schema.ts';
import { binary, struct, u8, u32, u64 } from '../codec/type.ts';
import { verbs } from '../request.ts';

/** struct rtnl_link_stats64. */
const counters = () =>
  struct({
    /** Packets received. */
    rxPackets: u64,
    /** Packets sent. */
    txPackets: u64,
    /** Bytes received. */
    rxBytes: u64,
    /** Bytes sent. */
    txBytes: u64,
    /** Bad packets received: the sum of the receive errors below. */
    rxErrors: u64,
    /** Packets that could not be sent: the sum of the transmit errors below. */
    txErrors: u64,
    /** Packets received but not processed, for lack of memory or of a protocol. */
    rxDropped: u64,
    /** Packets dropped before they were sent. */
    txDropped: u64,
    /** Multicast packets received. */
    multicast: u64,
    /** Collisions while sending. */
    collisions: u64,
    /** Packets with an invalid length. */
    rxLengthErrors: u64,
    /** Packets that did not fit the buffers of the host. */
    rxOverErrors: u64,
    /** Packets with a wrong checksum of the frame. */
    rxCrcErrors: u64,
    /** Packets that are not a whole number of bytes. */
    rxFrameErrors: u64,
    /** Overruns of the receive queue. */
    rxFifoErrors: u64,
    /** Packets that the device dropped because the host had no buffers. */
    rxMissedErrors: u64,
    /** Packets given up, for example after too many collisions. */
    txAbortedErrors: u64,
    /** Packets lost because carrier was lost. */
    txCarrierErrors: u64,
    /** Underruns of the transmit queue. */
    txFifoErrors: u64,
    /** Signal quality errors of half-duplex Ethernet. */
    txHeartbeatErrors: u64,
    /** Collisions after the collision window. */
    txWindowErrors: u64,
    /** Compressed packets received (SLIP, PPP). */
    rxCompressed: u64,
    /** Compressed packets sent. */
    txCompressed: u64,
    /** Packets dropped because the link is not designated to receive them, such as an inactive port of a bond. */
    rxNohandler: u64,
    /** Packets dropped because they are for another hardware address. Linux 5.19. */
    rxOtherhostDropped: u64,
  });

/** The groups of counters that can be requested: IFLA_STATS_FILTER_BIT of <linux/if_link.h>. */
export const statisticsGroups = {
  /** Counters of packets, bytes and errors. */
  link: 0x1,
  /** Counters of the kind of link, such as multicast and spanning tree of a bridge. */
  xstats: 0x2,
  /** Such counters of a port. */
  xstatsSlave: 0x4,
  /** Packets that hardware forwarded. */
  offload: 0x8,
  /** Counters of address families: MPLS. */
  afSpec: 0x10,
} as const;

/** struct if_stats_msg and its attributes. */
export const statisticsMessage = message({
  kind: 'statistics',
  types: { add: 92, delete: 93, get: 94 },
  headerSize: 12,
  fields: () => ({
    /** Address family; always 0. */
    family: header(0, u8),
    /** Index of the link. */
    index: header(4, u32),
    /** The groups to read, a sum of `statisticsGroups`; in an answer, those it contains. */
    groups: { ...header(8, u32), asked: true },
    /** Counters since the link was created or the system was started. */
    link: attribute(1, counters()),
    /** Counters of the kind of link, as bytes. */
    xstats: attribute(2, binary),
    /** Counters of the port, as bytes. */
    xstatsSlave: attribute(3, binary),
    /** Packets that hardware forwarded. */
    offload: attribute(4, nest(schema(0, () => ({ cpuHit: attribute(1, counters()), l3: attribute(3, binary) })))),
    /** Counters of address families, as bytes. */
    afSpec: attribute(5, binary),
  }),
});

type StatisticsQuery = Input<typeof statisticsMessage.fields>;

/** Counters of a link, as the kernel reports them. */
export type Statistics = Output<typeof statisticsMessage.fields>;

const ask = (query: StatisticsQuery): StatisticsQuery => ({ groups: statisticsGroups.link, ...query });

// The kernel does not filter a list.
const plain = verbs(statisticsMessage, ({ index: _, ...query }) => ask(query));

/** Requests for the counters of links (ip-stats(8)), which requests about links leave out. */
export const statistics: Pick<typeof plain, 'get' | 'list'> = {
  get: (query, only) => plain.get(ask(query), only),
  list: plain.list,
};
