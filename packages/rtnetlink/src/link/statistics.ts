// Counters of links: struct if_stats_msg and IFLA_STATS_* of <linux/if_link.h>, ip-stats(8).
import { attribute, header } from '../codec/field.ts';
import { message } from '../codec/message.ts';
import { type Input, nest, type Output, schema } from '../codec/schema.ts';
import { binary, struct, u8, u32, u64 } from '../codec/type.ts';
import { verbs } from '../request.ts';

/** struct rtnl_link_stats64. */
const counters = () =>
  struct({
    rxPackets: u64,
    txPackets: u64,
    rxBytes: u64,
    txBytes: u64,
    /** Sums of those below. */
    rxErrors: u64,
    txErrors: u64,
    /** For want of room; not of those that were malformed. */
    rxDropped: u64,
    txDropped: u64,
    multicast: u64,
    collisions: u64,
    rxLengthErrors: u64,
    rxOverErrors: u64,
    rxCrcErrors: u64,
    rxFrameErrors: u64,
    rxFifoErrors: u64,
    rxMissedErrors: u64,
    txAbortedErrors: u64,
    txCarrierErrors: u64,
    txFifoErrors: u64,
    txHeartbeatErrors: u64,
    txWindowErrors: u64,
    rxCompressed: u64,
    txCompressed: u64,
    /** Packets that no protocol took. */
    rxNohandler: u64,
    /** Packets for another hardware address. Linux 5.19. */
    rxOtherhostDropped: u64,
  });

/** Which counters are asked for: a bit for each attribute. */
export const statisticsGroups = {
  link: 0x1,
  /** Of the kind of link, such as a bridge's multicast and spanning tree. */
  xstats: 0x2,
  xstatsSlave: 0x4,
  offload: 0x8,
  /** Of address families: MPLS. */
  afSpec: 0x10,
} as const;

/** struct if_stats_msg and its attributes. */
export const statisticsMessage = message({
  kind: 'statistics',
  types: { add: 92, delete: 93, get: 94 },
  headerSize: 12,
  fields: () => ({
    family: header(0, u8),
    /** The link. */
    index: header(4, u32),
    /** What is asked for, a sum of `statisticsGroups`; what was told. */
    groups: { ...header(8, u32), asked: true },
    /** Since the link was made, or the system started. */
    link: attribute(1, counters()),
    xstats: attribute(2, binary),
    xstatsSlave: attribute(3, binary),
    /** What hardware forwarded by itself. */
    offload: attribute(4, nest(schema(0, () => ({ cpuHit: attribute(1, counters()), l3: attribute(3, binary) })))),
    afSpec: attribute(5, binary),
  }),
});

type StatisticsQuery = Input<typeof statisticsMessage.fields>;

/** Counters of a link, as the kernel tells them. */
export type Statistics = Output<typeof statisticsMessage.fields>;

const ask = (query: StatisticsQuery): StatisticsQuery => ({ groups: statisticsGroups.link, ...query });

// A list is not filtered by the kernel.
const plain = verbs(statisticsMessage, ({ index: _, ...query }) => ask(query));

/** Requests about the counters of links (ip-stats(8)), which `link` leaves out. */
export const statistics: Pick<typeof plain, 'get' | 'list'> = {
  get: (query, only) => plain.get(ask(query), only),
  list: plain.list,
};
