// Nexthop objects, which several routes can share: struct nhmsg and NHA_* of <linux/nexthop.h>, ip-nexthop(8). Linux 5.3 or
// newer.
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

/** A member of a nexthop group. */
export interface NexthopGroupMember {
  /** Identifier of the nexthop object. */
  readonly id: number;
  /** Its share of the traffic, relative to the other members: 1 to 65536, more than 256 since Linux 6.12. Unset is 1. */
  readonly weight?: number;
}

/** struct nexthop_grp. The weight is stored less one, with its high byte after its low byte. */
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

/**
 * Resilient groups keep flows on their nexthop: a hash table maps each flow to a bucket, and a bucket changes its nexthop
 * only when it is idle.
 */
const resilient = schema(0, () => ({
  /** Number of buckets. */
  buckets: attribute(1, u16),
  /** Hundredths of a second without traffic after which a bucket is idle; 0 is at once. */
  idleTimer: attribute(2, u32),
  /** Hundredths of a second of imbalance after which buckets change even if they are not idle; 0 is never. */
  unbalancedTimer: attribute(3, u32),
  /** Hundredths of a second for which the buckets have not matched the weights. Set by the kernel. */
  unbalancedTime: attribute(4, u64),
}));

const memberStatistics = schema(0, () => ({
  /** The member. */
  id: attribute(1, u32),
  /** Packets forwarded. */
  packets: attribute(2, uint),
  /** Packets forwarded by hardware. */
  hardwarePackets: attribute(3, uint),
}));

/** struct nhmsg and its attributes. */
export const nexthopMessage = message({
  kind: 'nexthop',
  types: { add: 104, delete: 105, get: 106 },
  headerSize,
  familyFrom: ['gateway'],
  fields: () => ({
    /** If unset in a request, it follows from `gateway`, or is `inet`. */
    family: header(0, family),
    /** Set by the kernel. */
    scope: header(1, scope),
    /** Who installed the object. */
    protocol: header(2, protocol),
    /** The gateway counts as directly reachable, whatever the interface's prefixes are (RTNH_F_ONLINK). */
    onlink: bit(4, 0x4),
    /** All flags, RTNH_F_*. */
    flags: header(4, u32),
    /** The identifier that routes refer to. If unset in a request, the kernel chooses one. */
    id: attribute(1, u32),
    /** The members of a group. A group has no other field than `groupType` and `resilient`. */
    group: attribute(2, array(member)),
    /** How a group distributes traffic: by a hash of the flow, or by the buckets of a resilient group. */
    groupType: attribute(3, named(u16, { multipath: 0, resilient: 1 })),
    /** Packets are dropped. */
    blackhole: attribute(4, flag),
    /** Index of the interface. */
    oif: attribute(5, u32),
    /** IP address of the next hop. */
    gateway: attribute(6, ip),
    /** Encapsulation of the packets. */
    encap: encap(7, 8),
    /** Lists only groups. */
    groups: asked(9, flag),
    /** Lists only objects whose interface is a port of this bridge, bond or VRF. */
    master: asked(10, u32),
    /** For entries of forwarding tables (`fdb`), not for routes. */
    fdb: attribute(11, flag),
    /** Settings of a resilient group. */
    resilient: attribute(12 | NLA_F_NESTED, nest(resilient)),
    /** What else to report, NHA_OP_FLAG_*: 1 packets per member, 2 packets per member by hardware. Linux 6.9. */
    operationFlags: asked(14, struct({ value: u32, selector: u32 })),
    /** Packets per member. */
    groupStatistics: attribute(15, list(1, nest(memberStatistics))),
    /** 1 if hardware is to count packets. */
    hardwareStatistics: attribute(16, u32),
    /** 1 if hardware counts packets. */
    hardwareStatisticsUsed: attribute(17, u32),
  }),
});

/** A nexthop object, as the kernel reports it. */
export type Nexthop = Output<typeof nexthopMessage.fields>;
/** A nexthop object, as a request describes it. */
export type NexthopInput = Input<typeof nexthopMessage.fields>;

/** Defaults of ip-nexthop(8): IPv4 if the request does not determine the family, and no family for a group. */
function withFamily(nexthop: NexthopInput): NexthopInput {
  const told = nexthop.group !== undefined || nexthop.gateway !== undefined;
  return told ? nexthop : { family: 'inet', ...nexthop };
}

// The kernel filters a list by these fields only. It refuses a request that has others.
const plain = verbs(nexthopMessage, ({ family, oif, master, groups, fdb, operationFlags }) => ({
  family,
  oif,
  master,
  groups,
  fdb,
  operationFlags,
}));

/**
 * Requests about nexthop objects (ip-nexthop(8)). Objects are identified by `id`: `add` fails with EEXIST if it exists,
 * `delete` with ENOENT if it does not.
 */
export const nexthop: Pick<typeof plain, 'add' | 'replace' | 'delete' | 'get' | 'list'> = {
  add: input => plain.add(withFamily(input)),
  replace: input => plain.replace(withFamily(input)),
  delete: ({ id }) => plain.delete({ id }),
  get: plain.get,
  list: plain.list,
};

const bucket = schema(0, () => ({
  /** Index of the bucket in its group, from 0. */
  index: attribute(1, u16),
  /** Hundredths of a second without traffic. */
  idleTime: attribute(2, u64),
  /** Identifier of the nexthop object that the bucket uses. */
  nexthopId: attribute(3, u32),
}));

/** struct nhmsg and its attributes, for buckets of resilient groups. */
export const nexthopBucketMessage = message({
  kind: 'nexthopBucket',
  types: { add: 116, delete: 117, get: 118 },
  headerSize,
  fields: () => ({
    /** Address family; always `unspec`. */
    family: header(0, family),
    /** All flags, RTNH_F_*. */
    flags: header(4, u32),
    /** Identifier of the group. */
    id: attribute(1, u32),
    /** Lists only buckets whose nexthop uses this interface. */
    oif: asked(5, u32),
    /** The bucket. */
    bucket: attribute(13 | NLA_F_NESTED, nest(bucket)),
  }),
});

/** A bucket of a resilient group, as the kernel reports it. */
export type NexthopBucket = Output<typeof nexthopBucketMessage.fields>;

const plainBuckets = verbs(nexthopBucketMessage);

/** Requests about buckets of resilient groups (`ip nexthop bucket` of ip-nexthop(8)). Linux 5.13 or newer. */
export const nexthopBucket: Pick<typeof plainBuckets, 'get' | 'list'> = {
  get: plainBuckets.get,
  list: plainBuckets.list,
};
