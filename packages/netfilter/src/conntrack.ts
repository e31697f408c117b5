// Tracked connections: CTA_* of <linux/netfilter/nfnetlink_conntrack.h>, conntrack(8).
import { verbs } from '@spider/rtnetlink';
import {
  addressByFamily,
  attribute,
  be16,
  be32,
  be64,
  type Input,
  message,
  NLA_F_NESTED,
  named,
  nest,
  type Output,
  schema,
  u8,
} from '@spider/rtnetlink/codec';
import { headerFields, headerSize } from './header.ts';

const tuple = schema(0, () => ({
  /** Source and destination address. */
  ip: attribute(1 | NLA_F_NESTED, nest(schema(0, () => ({ src: addressByFamily(1, 3), dst: addressByFamily(2, 4) })))),
  /** IP protocol, and source and destination port. */
  proto: attribute(
    2 | NLA_F_NESTED,
    nest(
      schema(0, () => ({
        /** Number of the IP protocol. */
        number: attribute(1, named(u8, { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 })),
        /** Source port. */
        sport: attribute(2, be16),
        /** Destination port. */
        dport: attribute(3, be16),
      })),
    ),
  ),
}));

/** A connection. */
const conntrackMessage = message({
  kind: 'conntrack',
  types: { add: 0x100, get: 0x101, delete: 0x102 },
  headerSize,
  fields: () => ({
    ...headerFields(),
    /** Packets in the direction of the first packet. */
    original: attribute(1 | NLA_F_NESTED, nest(tuple)),
    /** Packets in the other direction. If an address or port is translated, it is not the reverse of `original`. */
    reply: attribute(2 | NLA_F_NESTED, nest(tuple)),
    /** A sum of `conntrackStatus`. */
    status: attribute(3, be32),
    /** Seconds until the entry expires. */
    timeout: attribute(7, be32),
    /** The connection mark. */
    mark: attribute(8, be32),
    /** The bits of `mark` to compare in a list. */
    markMask: attribute(21, be32),
    /** Identifier of the entry, assigned by the kernel. */
    id: attribute(12, be32),
    /** Conntrack zone. */
    zone: attribute(18, be16),
    /**
     * When the connection began, in nanoseconds since 1970. Only with the sysctl net.netfilter.nf_conntrack_timestamp.
     */
    startedAt: attribute(20 | NLA_F_NESTED, nest(schema(0, () => ({ start: attribute(1, be64) })))),
  }),
});

/** Bits of a connection's status: IPS_* of <linux/netfilter/nf_conntrack_common.h>. */
export const conntrackStatus = {
  /** Expected by a helper, such as the data connection of FTP. */
  expected: 0x1,
  /** Packets have been seen in both directions. */
  seenReply: 0x2,
  /** Is not dropped early when the table is full. */
  assured: 0x4,
  /** Its first packet has left the machine. */
  confirmed: 0x8,
  /** The source is translated. */
  srcNat: 0x10,
  /** The destination is translated. */
  dstNat: 0x20,
} as const;

/** A connection, as the kernel reports it. */
export type Conntrack = Output<typeof conntrackMessage.fields>;
/** The key of a connection, or the filter of a list. */
export type ConntrackInput = Input<typeof conntrackMessage.fields>;

/** The kernel cannot filter by parts of a tuple. */
const plain = verbs(conntrackMessage, ({ original, reply, ...filter }) => filter);

/**
 * Requests about connections (conntrack(8)). A connection is identified by `family` and `original`. A list can be
 * filtered by parts of them: `conntrack.list({ original: { ip: { dst: '10.96.0.10' } } })`.
 */
export const conntrack: Pick<typeof plain, 'get' | 'list' | 'delete'> = plain;
