// Connections that the kernel tracks: CTA_* of <linux/netfilter/nfnetlink_conntrack.h>, conntrack(8).
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
  ip: attribute(1 | NLA_F_NESTED, nest(schema(0, () => ({ src: addressByFamily(1, 3), dst: addressByFamily(2, 4) })))),
  proto: attribute(
    2 | NLA_F_NESTED,
    nest(
      schema(0, () => ({
        number: attribute(1, named(u8, { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 })),
        sport: attribute(2, be16),
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
    /** As its first packet came in. */
    original: attribute(1 | NLA_F_NESTED, nest(tuple)),
    /** As the answers come: where something is translated, it is not the reverse of `original`. */
    reply: attribute(2 | NLA_F_NESTED, nest(tuple)),
    /** A sum of `conntrackStatus`. */
    status: attribute(3, be32),
    /** Seconds until it is forgotten. */
    timeout: attribute(7, be32),
    mark: attribute(8, be32),
    /** Bits of the mark that a list is to look at. */
    markMask: attribute(21, be32),
    id: attribute(12, be32),
    zone: attribute(18, be16),
    startedAt: attribute(20 | NLA_F_NESTED, nest(schema(0, () => ({ start: attribute(1, be64) })))),
  }),
});

/** Bits of a connection's status, IPS_* of <linux/netfilter/nf_conntrack_common.h>. */
export const conntrackStatus = {
  expected: 0x1,
  /** Packets were seen in both directions. */
  seenReply: 0x2,
  assured: 0x4,
  confirmed: 0x8,
  /** The source is translated. */
  srcNat: 0x10,
  /** The destination is translated. */
  dstNat: 0x20,
} as const;

/** A connection, as the kernel tells it. */
export type Conntrack = Output<typeof conntrackMessage.fields>;
/** What tells a connection from others. */
export type ConntrackInput = Input<typeof conntrackMessage.fields>;

/** The kernel knows no filter by parts of a tuple. */
const plain = verbs(conntrackMessage, ({ original, reply, ...filter }) => filter);

/**
 * Requests about connections (conntrack(8)). `family` and `original` tell one from another. A list may ask for parts of
 * them: `conntrack.list({ original: { ip: { dst: '10.96.0.10' } } })`.
 */
export const conntrack: Pick<typeof plain, 'get' | 'list' | 'delete'> = plain;
