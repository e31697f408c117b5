// Multipath nexthops: a sequence of struct rtnexthop, each with attributes of its own.
import { attribute, header } from '../codec/field.ts';
import { type Input, schema } from '../codec/schema.ts';
import { quote } from '../codec/text.ts';
import { ip, s32, type Type, u8 } from '../codec/type.ts';
import { viaType } from './via.ts';

const headerSize = 8;

const nexthopSchema = schema(headerSize, () => ({
  /** RTNH_F_*: 1 dead, 2 pervasive, 4 onlink, 8 offload, 16 linkdown, 32 unresolved. */
  flags: header(2, u8),
  /** Weight, less one. */
  hops: header(3, u8),
  /** The interface. */
  oif: header(4, s32),
  gateway: attribute(5, ip),
  via: attribute(18, viaType),
}));

/** One path of a multipath route. */
export type Nexthop = Input<typeof nexthopSchema.fields>;

/** The paths of a multipath route. */
export const nexthops: Type<readonly Nexthop[]> = {
  read(memory, start, length) {
    const list: Nexthop[] = [];
    for (let at = start; at + headerSize <= start + length; ) {
      const size = memory.view.getUint16(at, true);
      if (size < headerSize || at + size > start + length) throw new RangeError('malformed nexthop');
      list.push(nexthopSchema.read(memory, at, at + size));
      at += (size + 3) & ~3;
    }
    return list;
  },
  write(writer, list) {
    if (!Array.isArray(list)) throw new RangeError(`${quote(list)} is not a list of nexthops`);
    for (const nexthop of list) {
      const start = writer.length;
      nexthopSchema.write(writer, nexthop);
      writer.memory.view.setUint16(start, writer.length - start, true);
    }
  },
};
