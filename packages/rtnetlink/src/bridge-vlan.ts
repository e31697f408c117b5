// VLANs of bridges and of their ports: struct br_vlan_msg and BRIDGE_VLANDB_* of <linux/if_bridge.h>, `bridge vlan` of
// bridge(8). Linux 5.6 or newer.
import { writeEach } from './codec/each.ts';
import { type Extent, walkAttributes } from './codec/extent.ts';
import { asked, attribute, type Field, header, NLA_F_NESTED } from './codec/field.ts';
import type { Memory } from './codec/memory.ts';
import { message } from './codec/message.ts';
import { type Fields, type Input, nest, type Output, type Schema, schema } from './codec/schema.ts';
import { boolean, named, s32, struct, u8, u16, u32, u64 } from './codec/type.ts';
import { multicastRouter, portState } from './link/kinds/bridge.ts';
import { family } from './names.ts';
import { verbs } from './request.ts';

const AF_BRIDGE = 7;
const headerSize = 8;

/** Flags of a VLAN of a port: BRIDGE_VLAN_INFO_* of <linux/if_bridge.h>. */
export const bridgeVlanFlags = {
  /** Untagged packets that arrive belong to this VLAN. */
  pvid: 0x2,
  /** Packets of this VLAN leave without a tag. */
  untagged: 0x4,
  /** The bridge itself is a member of the VLAN. Set by the kernel. */
  bridge: 0x20,
  /** Changes only the options of the VLAN, not its flags. `set` adds it. */
  onlyOptions: 0x40,
} as const;

/** What a list contains: BRIDGE_VLANDB_DUMPF_*. `parts` is their sum. */
export const bridgeVlanParts = {
  /** Adds counters. */
  statistics: 0x1,
  /** Lists the settings of bridges per VLAN instead of the members of VLANs. */
  global: 0x2,
} as const;

const counters = schema(0, () => ({
  rxBytes: attribute(1, u64),
  rxPackets: attribute(2, u64),
  txBytes: attribute(3, u64),
  txPackets: attribute(4, u64),
}));

const tunnel = schema(0, () => ({
  /** The identifier of the tunnel, such as the VNI of a vxlan. */
  id: attribute(1, u32),
  /** Whether a request sets or removes the mapping. */
  command: attribute(2, named(u32, { set: 19, delete: 17 })),
}));

/** A VLAN, or a range of VLANs with equal settings, of one link. */
const membership = schema(0, () => ({
  /** The VLAN, 1 to 4094, and a sum of `bridgeVlanFlags`. */
  info: attribute(1, struct({ flags: u16, vid: u16 })),
  /** The last VLAN of a range. */
  last: attribute(2, u16),
  /** State of the spanning tree protocol in this VLAN. */
  state: attribute(3, portState),
  /** Mapping to a tunnel. Only for ports with `vlanTunnel`. */
  tunnel: attribute(4 | NLA_F_NESTED, nest(tunnel)),
  /** Counters of the VLAN. Only with `bridgeVlanParts.statistics`. */
  statistics: attribute(5, nest(counters)),
  /** Whether multicast routers are behind the port. */
  multicastRouter: attribute(6, named(u8, multicastRouter)),
  /** Number of multicast groups that the port has joined. Linux 6.3. */
  multicastGroups: attribute(7, u32),
  /** Limit of `multicastGroups`; 0 is no limit. Linux 6.3. */
  multicastMaxGroups: attribute(8, u32),
  /** Answers ARP and neighbour solicitations for known neighbours instead of flooding them. Linux 6.4. */
  neighbourSuppress: attribute(9, boolean),
}));

/** Settings of a bridge for a VLAN: BRIDGE_VLANDB_GOPTS_*. Times are in hundredths of a second. */
export const globalVlanSchema = schema(0, () => ({
  vid: attribute(1, u16),
  /** The last VLAN of a range. */
  last: attribute(2, u16),
  /** Whether the bridge learns who has joined a group. */
  multicastSnooping: attribute(3, boolean),
  /** Version of IGMP, 2 or 3. */
  multicastIgmpVersion: attribute(4, u8),
  /** Version of MLD, 1 or 2. */
  multicastMldVersion: attribute(5, u8),
  /** Queries that are sent after a member has left, before the group is dropped. */
  multicastLastMemberCount: attribute(6, u32),
  /** Queries that are sent at start-up. */
  multicastStartupQueryCount: attribute(7, u32),
  /** Time between queries after a member has left. */
  multicastLastMemberInterval: attribute(8, u64),
  /** Time without reports after which a member is dropped. */
  multicastMembershipInterval: attribute(10, u64),
  /** Time without queries after which another querier is considered gone. */
  multicastQuerierInterval: attribute(11, u64),
  /** Time between queries. */
  multicastQueryInterval: attribute(12, u64),
  /** Time that members have to answer a query. */
  multicastQueryResponseInterval: attribute(13, u64),
  /** Time between queries at start-up. */
  multicastStartupQueryInterval: attribute(14, u64),
  /** Whether the bridge sends queries itself. */
  multicastQuerier: attribute(15, boolean),
  /** Multiple spanning tree instance (MST) of the VLAN. Linux 5.18. */
  spanningTree: attribute(18, u16),
}));

/** In a request, the attribute that selects `parts` has the type of a VLAN's attribute, but contains no attributes. */
function isParts({ view }: Memory, at: number): boolean {
  return (view.getUint16(at - 2, true) & NLA_F_NESTED) === 0;
}

/** A field whose values are one attribute each. */
function each<F extends Fields>(id: number, inner: Schema<F>): Field<readonly Input<F>[], false> {
  const type = nest(inner);
  return {
    always: false,
    id,
    needs: id,
    type: type as Field<readonly Input<F>[]>['type'] & {},
    read({ memory, start, end }) {
      const values: Input<F>[] = [];
      walkAttributes(memory, start + headerSize, end, (found, at, length) => {
        if (found === id && !isParts(memory, at)) values.push(type.read(memory, at, length));
      });
      return values.length > 0 ? values : undefined;
    },
    write(writer, values) {
      writeEach(values, value => writer.attribute(id | NLA_F_NESTED, type, value));
    },
  };
}

function tellsParts(extent: Extent): boolean {
  const at = extent.find(1);
  return at >= 0 && isParts(extent.memory, at);
}

/** struct br_vlan_msg and its attributes. */
export const bridgeVlanMessage = message({
  kind: 'bridgeVlan',
  types: { add: 112, delete: 113, get: 114 },
  family: AF_BRIDGE,
  headerSize,
  fields: () => {
    const parts = asked(1, u32);
    return {
      /** Address family; always `bridge`. */
      family: header(0, family),
      /** Index of the port, or of the bridge itself. */
      index: header(4, s32),
      /** The VLANs of the link. */
      vlans: each(1, membership),
      /** Settings of a bridge for each VLAN. */
      global: each(2, globalVlanSchema),
      /** What a list contains, a sum of `bridgeVlanParts`. */
      parts: { ...parts, read: extent => (tellsParts(extent) ? parts.read(extent) : undefined) } as typeof parts,
    };
  },
});

/** The VLANs of a link, as the kernel reports them. */
export type BridgeVlans = Output<typeof bridgeVlanMessage.fields>;
/** VLANs of a link, as a request describes them. */
export type BridgeVlansInput = Input<typeof bridgeVlanMessage.fields>;

/** Changes existing VLANs and creates none. */
function onlyOptions(input: BridgeVlansInput): BridgeVlansInput {
  const vlans = input.vlans?.map(vlan => ({
    ...vlan,
    info: { ...vlan.info, flags: (vlan.info?.flags ?? 0) | bridgeVlanFlags.onlyOptions },
  }));
  return { ...input, vlans };
}

const plain = verbs(bridgeVlanMessage);

/**
 * Requests about VLANs of bridges (bridge(8)). One object contains all VLANs of a link: `{ index, vlans: [{ info: { vid:
 * 5 } }] }`. `add` of an existing VLAN succeeds and replaces its flags.
 */
export const bridgeVlan: Pick<typeof plain, 'add' | 'set' | 'delete' | 'list'> = {
  add: plain.add,
  set: input => ({ ...plain.set(onlyOptions(input)), flags: 0 }),
  delete: plain.delete,
  list: plain.list,
};
