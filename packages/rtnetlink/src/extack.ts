// The extended acknowledgement, which the kernel sends with an error number: NLMSGERR_ATTR_* and NL_POLICY_TYPE_ATTR_* of
// <linux/netlink.h>.
import { attribute } from './codec/field.ts';
import type { Memory } from './codec/memory.ts';
import { type Input, nest, type Output, schema } from './codec/schema.ts';
import { s64, string, u32, u64 } from './codec/type.ts';
import { type Explanation, NetlinkError } from './errors.ts';
import { headerSize, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_DONE } from './protocol.ts';
import type { Reply } from './replies.ts';
import type { Request } from './request.ts';

const policySchema = schema(0, () => ({
  type: attribute(1, u32),
  minSigned: attribute(2, s64),
  maxSigned: attribute(3, s64),
  min: attribute(4, u64),
  max: attribute(5, u64),
  minLength: attribute(6, u32),
  maxLength: attribute(7, u32),
  mask: attribute(12, u64),
}));

const acknowledgementSchema = schema(0, () => ({
  message: attribute(1, string(0xffff)),
  /** Position of the refused attribute or header field, from the start of the message. */
  offset: attribute(2, u32),
  /** What the kernel accepts there. */
  policy: attribute(4, nest(policySchema)),
  /** Type of a missing attribute, and position of the attribute that lacks it. */
  missing: attribute(5, u32),
  missingIn: attribute(6, u32),
}));

type Acknowledgement = Output<typeof acknowledgementSchema.fields>;

/** Position of a sent message in its buffer. */
interface Sent {
  readonly memory: Memory;
  readonly start: number;
  readonly end: number;
}

/** The error number of a reply of type NLMSG_ERROR or NLMSG_DONE; 0 for success. */
export function readErrno({ memory, payload, end }: Reply): number {
  return end >= payload + 4 ? -memory.view.getInt32(payload, true) : 0;
}

/** Type of the message that such a reply answers; undefined if the reply does not repeat the message. */
export function repeatedType({ memory, payload, end }: Reply): number | undefined {
  return end >= payload + 4 + headerSize ? memory.view.getUint16(payload + 8, true) : undefined;
}

/** The error of such a reply; undefined for success. */
export function readError(reply: Reply, request: Request<unknown>, sent: Sent): NetlinkError | undefined {
  const { memory, type, flags, payload, end } = reply;
  const errno = readErrno(reply);
  if (errno === 0) return undefined;
  if (!(flags & NLM_F_ACK_TLVS)) return new NetlinkError(request, errno);
  // After the number, an NLMSG_ERROR repeats the request: only its header (NLM_F_CAPPED), or all of it.
  const size = type === NLMSG_DONE || end < payload + 8 ? 0 : memory.view.getUint32(payload + 4, true);
  const repeated = size && flags & NLM_F_CAPPED ? headerSize : size;
  const attributes = Math.min(end, payload + 4 + ((repeated + 3) & ~3));
  return new NetlinkError(request, errno, explain(acknowledgementSchema.read(memory, attributes, end), request, sent));
}

/** Converts an extended acknowledgement. Its offsets count from the start of the request's message, `sent`. */
function explain(told: Acknowledgement, { message }: Request<unknown>, sent: Sent): Explanation {
  const at = (offset: number | undefined) =>
    offset === undefined
      ? undefined
      : message.fieldAt(sent.memory, sent.start + headerSize, sent.end, offset - headerSize);
  const { message: kernelMessage, missing } = told;
  if (missing === undefined)
    return { kernelMessage, field: at(told.offset)?.path, wanted: told.policy && describePolicy(told.policy) };
  const outer = at(told.missingIn);
  const name = (outer ? outer.inside : message)?.fieldOf(missing) ?? `attribute ${missing}`;
  return { kernelMessage, field: outer ? `${outer.path}.${name}` : name, wanted: 'missing' };
}

// enum netlink_attribute_type of <linux/netlink.h>
const sizes = new Map([
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [6, 1],
  [7, 2],
  [8, 4],
  [9, 8],
]);
const words = new Map([
  [1, 'no value'],
  [11, 'text'],
  [12, 'text that ends with NUL'],
  [13, 'attributes'],
  [14, 'a list of attributes'],
  [15, 'a value and a mask of 4 bytes each'],
]);

/** What the kernel accepts, in words: `8 bytes`, `2 bytes, 1 to 4094`, `at most 32 bytes`. */
function describePolicy(policy: Input<typeof policySchema.fields>): string {
  const { type = 0, min, max, minSigned, maxSigned, minLength, maxLength, mask } = policy;
  const size = sizes.get(type);
  const parts = [words.get(type), size && bytes(size)];
  const full = size === undefined ? 0n : 1n << BigInt(8 * size);
  if (min !== undefined && max !== undefined && max - min + 1n < full) parts.push(`${min} to ${max}`);
  if (minSigned !== undefined && maxSigned !== undefined && maxSigned - minSigned + 1n < full)
    parts.push(`${minSigned} to ${maxSigned}`);
  if (mask !== undefined) parts.push(`bits of 0x${mask.toString(16)}`);
  if (minLength !== undefined && minLength === maxLength) parts.push(bytes(minLength));
  else {
    if (minLength !== undefined) parts.push(`at least ${bytes(minLength)}`);
    if (maxLength !== undefined) parts.push(`at most ${bytes(maxLength)}`);
  }
  return parts.filter(part => part !== undefined).join(', ');
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}
