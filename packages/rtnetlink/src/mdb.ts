// Multicast groups of bridges and their members: struct br_port_msg, MDBA_* and MDBE_* of <linux/if_bridge.h>,
// `bridge mdb` of bridge(8).
import type { Extent } from './codec/extent.ts';
import { asked, attribute, type Field, header, NLA_F_NESTED } from './codec/field.ts';
import { list } from './codec/list.ts';
import { message } from './codec/message.ts';
import { type Input, nest, type Output, schema } from './codec/schema.ts';
import { formatAddress, formatLinkAddress, parseAddress, parseLinkAddress, quote } from './codec/text.ts';
import { type FixedType, ip, named, s32, type Type, u8, u16, u32 } from './codec/type.ts';
import { multicastRouter } from './link/kinds/bridge.ts';
import { family, protocol } from './names.ts';
import { verbs } from './request.ts';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;

/**
 * A union of an IPv4, IPv6 or hardware address, followed by the protocol number that selects one; 0 is a hardware
 * address.
 */
const group: FixedType<string> = {
  size: 18,
  read({ bytes, view }, at) {
    const kind = view.getUint16(at + 16);
    if (kind === 0) return formatLinkAddress(bytes, at, 6);
    return formatAddress(bytes, at, kind === ETH_P_IP ? 4 : 16);
  },
  put({ bytes, view }, at, value) {
    const isHardware = typeof value === 'string' && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value);
    const address = isHardware ? parseLinkAddress(value) : parseAddress(value);
    bytes.set(address, at);
    view.setUint16(at + 16, isHardware ? 0 : address.length === 4 ? ETH_P_IP : ETH_P_IPV6);
  },
  write(writer, value) {
    const at = writer.reserve(18);
    group.put(writer.memory, at, value);
  },
};

/** Bytes of struct br_mdb_entry. */
const entrySize = 28;

const entryFields = () => ({
  /** Index of the port of the member; index of the bridge if the bridge itself is the member. */
  port: header(0, u32),
  /** Whether the entry expires. */
  state: header(4, named(u8, { temporary: 0, permanent: 1 })),
  /** MDB_FLAGS_*: 1 offloaded, 2 fast leave, 4 excludes sources, 8 blocked. Set by the kernel. */
  flags: header(5, u8),
  /** The VLAN; 0 for none. */
  vid: header(6, u16),
  /** The group: an IPv4, IPv6 or hardware address. */
  group: header(8, group),
});

const groupMode = named(u8, { exclude: 0, include: 1 });

const source = schema(0, () => ({
  address: attribute(1, ip),
  /** Hundredths of a second until the source expires. Set by the kernel. */
  timer: attribute(2, u32),
}));

/** How vxlan sends packets of the group. The attributes are numbered from `first`. Linux 6.4. */
const remote = (first: number) => ({
  /** Address of the tunnel endpoint. */
  dst: attribute(first, ip),
  /** Its UDP port. */
  dstPort: attribute(first + 1, u16),
  /** Its network identifier. */
  vni: attribute(first + 2, u32),
  /** Index of the interface to send through. */
  ifindex: attribute(first + 3, s32),
  /** vxlan with `collectMetadata`: the network identifier that the entry is for. */
  srcVni: attribute(first + 4, u32),
});

const entry = schema(entrySize, () => ({
  ...entryFields(),
  /** Hundredths of a second until a temporary member expires. */
  timer: attribute(1, u32),
  /** The sources that `groupMode` includes or excludes (IGMPv3, MLDv2). */
  sources: attribute(2, list(1, nest(source))),
  /** Whether `sources` are the only ones to receive from, or those not to receive from. */
  groupMode: attribute(3, groupMode),
  /** The only source to receive the group from (S, G). */
  source: attribute(4, ip),
  /** Who installed the entry. */
  protocol: attribute(5, protocol),
  ...remote(6),
}));

const options = schema(0, () => ({
  /** The only source to receive the group from (S, G). */
  source: attribute(1, ip),
  /** The sources that `groupMode` includes or excludes. Linux 6.3. */
  sources: attribute(2 | NLA_F_NESTED, list(1 | NLA_F_NESTED, nest(source))),
  /** Whether `sources` are the only ones to receive from, or those not to receive from. Linux 6.3. */
  groupMode: attribute(3, groupMode),
  /** Who installs the entry. Linux 6.3. */
  protocol: attribute(4, protocol),
  ...remote(5),
}));

const router = schema(4, () => ({
  /** Index of the port that multicast routers are behind. */
  port: header(0, u32),
  /** Hundredths of a second until the router expires. */
  timer: attribute(1, u32),
  /** How the router became known. */
  type: attribute(2, named(u8, multicastRouter)),
  /** `timer` of IPv4 routers only. */
  timer4: attribute(3, u32),
  /** `timer` of IPv6 routers only. */
  timer6: attribute(4, u32),
  /** The VLAN. */
  vid: attribute(5, u16),
}));

type Entry = Input<typeof entry.fields>;

/** The kernel groups the members of one group together; here they are one flat list. */
const groups = list(1, list(1, nest(entry)));
const entries: Type<readonly Entry[]> = {
  ...groups,
  read: (memory, at, length) => groups.read(memory, at, length).flat(),
  write(writer, values) {
    if (!Array.isArray(values)) throw new RangeError(`${quote(values)} is not a list`);
    groups.write(
      writer,
      values.map(value => [value]),
    );
  },
};

/** Requests and answers use the same attribute types. Only in a request is the first attribute as long as an entry. */
const isRequest = (extent: Extent): boolean => {
  const at = extent.find(1);
  return at >= 0 && extent.lengthAt(at) === entrySize;
};

function inRequests<T>(field: Field<T, false>): Field<T, false> {
  return { ...field, read: extent => (isRequest(extent) ? field.read(extent) : undefined) };
}

function inAnswers<T>(field: Field<T, false>): Field<T, false> {
  return { ...field, read: extent => (isRequest(extent) ? undefined : field.read(extent)) };
}

/** struct br_port_msg and its attributes. */
export const mdbMessage = message({
  kind: 'mdb',
  types: { add: 84, delete: 85, get: 86 },
  headerSize: 8,
  fields: () => ({
    /** `bridge` in requests; the kernel does not set it in answers. */
    family: header(0, family),
    /** Index of the bridge, or of the vxlan link. */
    index: header(4, s32),
    /** All members of all groups. Set by the kernel. */
    entries: inAnswers(attribute(1, entries)),
    /** Ports behind which there are multicast routers. Set by the kernel. */
    routers: inAnswers(attribute(2, list(1, nest(router)))),
    /** The member to add or delete. */
    entry: inRequests(asked(1, nest(schema(entrySize, entryFields)))),
    /** Optional properties of that member. */
    options: inRequests(asked(2 | NLA_F_NESTED, nest(options))),
  }),
});

/** The multicast groups of a bridge, as the kernel reports them. */
export type Mdb = Output<typeof mdbMessage.fields>;
/** A member of a group, as a request describes it. */
export type MdbInput = Input<typeof mdbMessage.fields>;

const ofBridge = (input: MdbInput): MdbInput => ({ family: 'bridge', ...input });

// The kernel always lists all bridges, and its answers contain no family.
const plain = verbs(mdbMessage, () => ofBridge({}));

/**
 * Requests about multicast groups of bridges (bridge(8)). Each request is about one member: `{ index, entry: { port,
 * group } }`. `delete` fails with EINVAL if there is no such member.
 */
export const mdb: Pick<typeof plain, 'add' | 'replace' | 'delete' | 'list'> = {
  add: input => plain.add(ofBridge(input)),
  replace: input => plain.replace(ofBridge(input)),
  delete: input => plain.delete(ofBridge(input)),
  list: plain.list,
};
