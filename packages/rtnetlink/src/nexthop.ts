// Nexthop objects, which routes share: struct nhmsg and NHA_* of <linux/nexthop.h>, ip-nexthop(8). Linux 5.3 or newer.
import { asked, attribute, bit, header, NLA_F_NESTED } from './codec/field.ts';
import { InvalidField } from './codec/invalid-field.ts';
import { list } from './codec/list.ts';
import { message } from './codec/message.ts';
import { type Input, nest, type Output, schema } from './codec/schema.ts';
import { quote } from './codec/text.ts';
import { array, checkObject, flag, ip, named, type SizedType, struct, u16, u32, u64, uint } from './codec/type.ts';
import { family, protocol, scope } from './names.ts';
import { verbs } from './request.ts';
import { encap } from './route/encap.ts';

/** A member of a group. */
export interface NexthopGroupMember {
  readonly id: number;
  /** Its share of the traffic, 1 to 65536; more than 256 since Linux 6.12. */
  readonly weight?: number;
}

/** struct nexthop_grp: the weight less one, its high byte behind the low one. */
const member: SizedType<NexthopGroupMember> = {
  size: 8,
  read: (memory, at, length) => ({
    id: u32.read(memory, at, length),
    weight: u16.read(memory, at + 4, length - 4) + 1,
  }),
  write(writer, value) {
    checkObject(value);
    const { id, weight = 1 } = value;
    u32.write(writer, id);
    if (!Number.isInteger(weight) || weight < 1 || weight > 65536)
      throw new InvalidField('weight', `${quote(weight)} is not an integer from 1 to 65536`);
    u16.write(writer, weight - 1);
    writer.reserve(2);
  },
};

const headerSize = 8;

/** Resilient groups keep flows where they are: each bucket of a table has a nexthop, and changes it only when idle. */
const resilient = schema(0, () => ({
  buckets: attribute(1, u16),
  /** Hundredths of a second without traffic after which a bucket may change; 0 at once. */
  idleTimer: attribute(2, u32),
  /** Hundredths of a second after which buckets change, idle or not; 0 never. */
  unbalancedTimer: attribute(3, u32),
  /** Hundredths of a second since when the buckets do not fit the weights. The kernel tells it. */
  unbalancedTime: attribute(4, u64),
}));

const memberStatistics = schema(0, () => ({
  id: attribute(1, u32),
  packets: attribute(2, uint),
  hardwarePackets: attribute(3, uint),
}));

/** struct nhmsg and its attributes. */
export const nexthopMessage = message({
  kind: 'nexthop',
  types: { add: 104, delete: 105, get: 106 },
  headerSize,
  familyFrom: ['gateway'],
  fields: () => ({
    family: header(0, family),
    /** The kernel tells it. */
    scope: header(1, scope),
    protocol: header(2, protocol),
    /** The gateway is taken to be on the link (RTNH_F_ONLINK). */
    onlink: bit(4, 0x4),
    /** All of RTNH_F_*. */
    flags: header(4, u32),
    /** The number that routes name; where unset, the kernel chooses one. */
    id: attribute(1, u32),
    /** The objects that it is made of. Nothing but `groupType` and `resilient` goes with it. */
    group: attribute(2, array(member)),
    groupType: attribute(3, named(u16, { multipath: 0, resilient: 1 })),
    /** Drops what is sent to it. */
    blackhole: attribute(4, flag),
    /** The interface. */
    oif: attribute(5, u32),
    gateway: attribute(6, ip),
    /** What is put around the packets. */
    encap: encap(7, 8),
    /** Lists groups alone. */
    groups: asked(9, flag),
    /** Lists those by ports of this bridge, bond or VRF. */
    master: asked(10, u32),
    /** For entries of bridges' forwarding tables (`fdb`), not for routes. */
    fdb: attribute(11, flag),
    resilient: attribute(12 | NLA_F_NESTED, nest(resilient)),
    /** What is told beside, NHA_OP_FLAG_*: 1 packets by member, 2 those by hardware. Linux 6.9. */
    operationFlags: asked(14, struct({ value: u32, selector: u32 })),
    groupStatistics: attribute(15, list(1, nest(memberStatistics))),
    hardwareStatistics: attribute(16, u32),
    hardwareStatisticsUsed: attribute(17, u32),
  }),
});

/** A nexthop object, as the kernel tells it. */
export type Nexthop = Output<typeof nexthopMessage.fields>;
/** A nexthop object to be asked of the kernel. */
export type NexthopInput = Input<typeof nexthopMessage.fields>;

/** As ip-nexthop(8): of IPv4 where nothing tells, and of no family for a group. */
function withFamily(nexthop: NexthopInput): NexthopInput {
  const told = nexthop.group !== undefined || nexthop.gateway !== undefined;
  return told ? nexthop : { family: 'inet', ...nexthop };
}

// The kernel looks at these alone, and refuses others.
const plain = verbs(nexthopMessage, ({ family, oif, master, groups, fdb, operationFlags }) => ({
  family,
  oif,
  master,
  groups,
  fdb,
  operationFlags,
}));

/** Requests about nexthop objects (ip-nexthop(8)). They are known by `id`: EEXIST, ENOENT. */
export const nexthop: Pick<typeof plain, 'add' | 'replace' | 'delete' | 'get' | 'list'> = {
  add: input => plain.add(withFamily(input)),
  replace: input => plain.replace(withFamily(input)),
  delete: ({ id }) => plain.delete({ id }),
  get: plain.get,
  list: plain.list,
};

const bucket = schema(0, () => ({
  index: attribute(1, u16),
  /** Hundredths of a second without traffic. */
  idleTime: attribute(2, u64),
  /** Where the bucket leads. */
  nexthopId: attribute(3, u32),
}));

/** struct nhmsg and its attributes, of buckets of resilient groups. */
export const nexthopBucketMessage = message({
  kind: 'nexthopBucket',
  types: { add: 116, delete: 117, get: 118 },
  headerSize,
  fields: () => ({
    family: header(0, family),
    flags: header(4, u32),
    /** The group. */
    id: attribute(1, u32),
    /** Lists those that lead to this interface. */
    oif: asked(5, u32),
    bucket: attribute(13 | NLA_F_NESTED, nest(bucket)),
  }),
});

/** A bucket of a resilient group, as the kernel tells it. */
export type NexthopBucket = Output<typeof nexthopBucketMessage.fields>;

const plainBuckets = verbs(nexthopBucketMessage);

/** Questions about buckets of resilient groups: `ip nexthop bucket`. Linux 5.13 or newer. */
export const nexthopBucket: Pick<typeof plainBuckets, 'get' | 'list'> = {
  get: plainBuckets.get,
  list: plainBuckets.list,
};
