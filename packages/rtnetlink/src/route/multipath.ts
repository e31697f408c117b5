// Nexthops of a multipath route: a sequence of struct rtnexthop of <linux/rtnetlink.h>, each followed by its attributes.
import { writeEach } from '../codec/each.ts';
import { attribute, header } from '../codec/field.ts';
import { foundIn, type Inside } from '../codec/inside.ts';
import type { Memory } from '../codec/memory.ts';
import { type Input, schema } from '../codec/schema.ts';
import { ip, s32, type Type, u8, u32 } from '../codec/type.ts';
import { encap } from './encap.ts';
import { labelStack } from './labels.ts';
import { viaType } from './via.ts';

const headerSize = 8;

const nexthopSchema = schema(headerSize, () => ({
  /** RTNH_F_*: 1 dead, 2 pervasive, 4 onlink, 8 offload, 16 linkdown, 32 unresolved. */
  flags: header(2, u8),
  /** Weight of the path less one, 0 to 255. */
  hops: header(3, u8),
  /** Index of the interface. */
  oif: header(4, s32),
  /** IP address of the next hop. */
  gateway: attribute(5, ip),
  /** Realms: that of the source times 65536, plus that of the destination (ip-route(8)). IPv4. */
  flow: attribute(11, u32),
  /** IP address of a next hop of the other address family. */
  via: attribute(18, viaType),
  /** MPLS: the labels that replace that of the route. */
  newLabels: attribute(19, labelStack),
  /** Encapsulation of the packets. */
  encap: encap(21, 22),
}));

/** One path of a multipath route. */
export type RouteNexthop = Input<typeof nexthopSchema.fields>;

/** Calls `visit` with the position and size of each nexthop. */
function walk({ view }: Memory, start: number, end: number, visit: (at: number, size: number) => void): void {
  for (let at = start; at + headerSize <= end; ) {
    const size = view.getUint16(at, true);
    if (size < headerSize || at + size > end) throw new RangeError('malformed nexthop');
    visit(at, size);
    at += (size + 3) & ~3;
  }
}

const inside: Inside = {
  fieldOf: () => undefined,
  fieldAt(memory, start, end, offset) {
    let index = 0;
    let found: ReturnType<Inside['fieldAt']>;
    walk(memory, start, end, (at, size) => {
      const absolute = start + offset;
      if (absolute >= at && absolute < at + size)
        found = foundIn(String(index), nexthopSchema, memory, at, size, absolute);
      index++;
    });
    return found;
  },
};

/** The paths of a multipath route. */
export const nexthops: Type<readonly RouteNexthop[]> = {
  schemaAt: () => inside,
  read(memory, start, length) {
    const list: RouteNexthop[] = [];
    walk(memory, start, start + length, (at, size) => list.push(nexthopSchema.read(memory, at, at + size)));
    return list;
  },
  write(writer, list) {
    writeEach(list, nexthop => {
      const start = writer.length;
      nexthopSchema.write(writer, nexthop);
      writer.memory.view.setUint16(start, writer.length - start, true);
    });
  },
};
