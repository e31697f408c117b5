// Segment routing header (RFC 8754): struct seg6_iptunnel_encap of <linux/seg6_iptunnel.h> and struct ipv6_sr_hdr of
// <linux/seg6.h>.
import { formatAddress, parseAddress, quote } from '../codec/text.ts';
import { checkObject, named, type Type, u32 } from '../codec/type.ts';

/** The segments that a packet passes, and how they are added to it. */
export interface SegmentRoute {
  /** Adds a header to the packet (`inline`), or encapsulates the packet or the frame. `.red` omits the first segment. */
  readonly mode: 'inline' | 'encap' | 'l2encap' | 'encap.red' | 'l2encap.red' | number;
  /** IPv6 addresses, in the order in which the packet passes them. */
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
    // The last segment comes first; the header has its index.
    const count = memory.bytes[at + modeSize + 4]! + 1;
    const first = at + modeSize + headerSize;
    if (length < modeSize + headerSize + count * addressSize) throw new RangeError(`no room for ${count} segments`);
    const segments: string[] = [];
    for (let i = count - 1; i >= 0; i--)
      segments.push(formatAddress(memory.bytes, first + i * addressSize, addressSize));
    // With `inline`, the last segment is the destination of the packet.
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
