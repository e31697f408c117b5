// VLANs of bridges and their ports: struct br_vlan_msg and BRIDGE_VLANDB_* of <linux/if_bridge.h>, `bridge vlan` of
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

/** How a port is in a VLAN, BRIDGE_VLAN_INFO_*. */
export const bridgeVlanFlags = {
  /** Takes packets without a tag to be of this VLAN. */
  pvid: 0x2,
  /** Sends packets of this VLAN without a tag. */
  untagged: 0x4,
  /** The bridge itself is in it. The kernel tells it. */
  bridge: 0x20,
  /** Leaves it to the options to change; `set` does so. */
  onlyOptions: 0x40,
} as const;

/** What a list holds, BRIDGE_VLANDB_DUMPF_*. Its sum is `parts`. */
export const bridgeVlanParts = {
  /** Adds counters. */
  statistics: 0x1,
  /** Tells what bridges do in each VLAN, in the place of who is in it. */
  global: 0x2,
} as const;

const counters = schema(0, () => ({
  rxBytes: attribute(1, u64),
  rxPackets: attribute(2, u64),
  txBytes: attribute(3, u64),
  txPackets: attribute(4, u64),
}));

const tunnel = schema(0, () => ({
  /** The tunnel's identifier, such as the VNI of a vxlan. */
  id: attribute(1, u32),
  /** A request says which of the two is wanted. */
  command: attribute(2, named(u32, { set: 19, delete: 17 })),
}));

/** A VLAN, or a range of those that are alike, and how the link is in it. */
const membership = schema(0, () => ({
  /** The VLAN, 1 to 4094, and a sum of `bridgeVlanFlags`. */
  info: attribute(1, struct({ flags: u16, vid: u16 })),
  /** The last VLAN of a range. */
  last: attribute(2, u16),
  state: attribute(3, portState),
  /** Of ports with `vlanTunnel`. */
  tunnel: attribute(4 | NLA_F_NESTED, nest(tunnel)),
  /** With `bridgeVlanParts.statistics`. */
  statistics: attribute(5, nest(counters)),
  multicastRouter: attribute(6, named(u8, multicastRouter)),
  /** How many groups the port is in, and may be; 0 is without limit. Linux 6.3. */
  multicastGroups: attribute(7, u32),
  multicastMaxGroups: attribute(8, u32),
  /** Linux 6.4. */
  neighbourSuppress: attribute(9, boolean),
}));

/** What a bridge does in a VLAN. Times are in hundredths of a second. */
export const globalVlanSchema = schema(0, () => ({
  vid: attribute(1, u16),
  /** The last VLAN of a range. */
  last: attribute(2, u16),
  multicastSnooping: attribute(3, boolean),
  /** 2 or 3. */
  multicastIgmpVersion: attribute(4, u8),
  /** 1 or 2. */
  multicastMldVersion: attribute(5, u8),
  multicastLastMemberCount: attribute(6, u32),
  multicastStartupQueryCount: attribute(7, u32),
  multicastLastMemberInterval: attribute(8, u64),
  multicastMembershipInterval: attribute(10, u64),
  multicastQuerierInterval: attribute(11, u64),
  multicastQueryInterval: attribute(12, u64),
  multicastQueryResponseInterval: attribute(13, u64),
  multicastStartupQueryInterval: attribute(14, u64),
  multicastQuerier: attribute(15, boolean),
  /** The spanning tree that it is part of (MST). Linux 5.18. */
  spanningTree: attribute(18, u16),
}));

/** In a request, the attribute that asks for `parts` has the number of a VLAN, and nothing within. */
function isParts({ view }: Memory, at: number, length: number): boolean {
  return length === 4 && (view.getUint16(at - 2, true) & NLA_F_NESTED) === 0;
}

/** As many attributes as there are values. */
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
        if (found === id && !isParts(memory, at, length)) values.push(type.read(memory, at, length));
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
  return at >= 0 && isParts(extent.memory, at, extent.lengthAt(at));
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
      family: header(0, family),
      /** The port, or the bridge itself. */
      index: header(4, s32),
      vlans: each(1, membership),
      /** Of a bridge, what it does in each VLAN. */
      global: each(2, globalVlanSchema),
      /** What a list holds, a sum of `bridgeVlanParts`. */
      parts: { ...parts, read: extent => (tellsParts(extent) ? parts.read(extent) : undefined) } as typeof parts,
    };
  },
});

/** VLANs of a link, as the kernel tells them. */
export type BridgeVlans = Output<typeof bridgeVlanMessage.fields>;
/** VLANs of a link, to be asked of the kernel. */
export type BridgeVlansInput = Input<typeof bridgeVlanMessage.fields>;

/** Changes the VLANs that are there, and makes none. */
function onlyOptions(input: BridgeVlansInput): BridgeVlansInput {
  const vlans = input.vlans?.map(vlan => ({
    ...vlan,
    info: { ...vlan.info, flags: (vlan.info?.flags ?? 0) | bridgeVlanFlags.onlyOptions },
  }));
  return { ...input, vlans };
}

const plain = verbs(bridgeVlanMessage);

/**
 * Requests about VLANs of bridges (bridge(8)). One object has all of a link: `{ index, vlans: [{ info: { vid: 5 } }] }`.
 * A VLAN that is there is no error to `add`; its flags become those that are given.
 */
export const bridgeVlan: Pick<typeof plain, 'add' | 'set' | 'delete' | 'list'> = {
  add: plain.add,
  set: input => ({ ...plain.set(onlyOptions(input)), flags: 0 }),
  delete: plain.delete,
  list: plain.list,
};
