// The segment routing header (RFC 8754): struct seg6_iptunnel_encap of <linux/seg6_iptunnel.h> and struct ipv6_sr_hdr of
// <linux/seg6.h>.
import { formatAddress, parseAddress, quote } from '../codec/text.ts';
import { checkObject, named, type Type, u32 } from '../codec/type.ts';

/** Segments that a packet passes on its way, and how it is told so. */
export interface SegmentRoute {
  /** A header in the packet, or a packet around it, or around the frame; `.red` leaves out the first segment. */
  readonly mode: 'inline' | 'encap' | 'l2encap' | 'encap.red' | 'l2encap.red' | number;
  /** IPv6 addresses, in the order in which they are passed. */
  readonly segments: readonly string[];
}

const modeType = named(u32, { inline: 0, encap: 1, l2encap: 2, 'encap.red': 3, 'l2encap.red': 4 });
const modeSize = 4;
const headerSize = 8;
const addressSize = 16;
const routingType = 4;

export const segmentRoute: Type<SegmentRoute> = {
  read(memory, at, length) {
    if (length < modeSize + headerSize) throw new RangeError(`no room for a segment routing header: ${length} bytes`);
    const mode = modeType.read(memory, at, length);
    // The last comes first, and the header tells its number.
    const count = memory.bytes[at + modeSize + 4]! + 1;
    const first = at + modeSize + headerSize;
    if (length < modeSize + headerSize + count * addressSize) throw new RangeError(`no room for ${count} segments`);
    const segments: string[] = [];
    for (let i = count - 1; i >= 0; i--)
      segments.push(formatAddress(memory.bytes, first + i * addressSize, addressSize));
    // In the packet itself the last segment is where it goes anyway.
    if (mode === 'inline') segments.pop();
    return { mode, segments };
  },
  write(writer, value) {
    checkObject(value);
    const { mode, segments } = value;
    if (!Array.isArray(segments) || segments.length === 0)
      throw new RangeError(`segments: ${quote(segments)} is not a list of IPv6 addresses`);
    const all = mode === 'inline' ? [...segments, '::'] : segments;
    modeType.write(writer, mode);
    const at = writer.reserve(headerSize);
    const { bytes } = writer.memory;
    bytes[at + 1] = 2 * all.length;
    bytes[at + 2] = routingType;
    bytes[at + 3] = all.length - 1;
    bytes[at + 4] = all.length - 1;
    for (const segment of all.toReversed()) {
      const address = parseAddress(segment);
      if (address.length !== addressSize) throw new RangeError(`segments: not an IPv6 address: ${quote(segment)}`);
      writer.append(address);
    }
  },
};
