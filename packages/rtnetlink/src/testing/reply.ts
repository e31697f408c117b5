// Builds the messages of a kernel's answers, including malformed ones.
import { attribute } from '../codec/field.ts';
import type { Message } from '../codec/message.ts';
import { type Fields, type Input, schema } from '../codec/schema.ts';
import { s32, string, u32 } from '../codec/type.ts';
import { Writer } from '../codec/writer.ts';
import { headerSize, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR } from '../protocol.ts';

/** A message from a client. */
export interface Sent {
  /** The whole message, with its header. */
  readonly bytes: Uint8Array;
  /** Message type, RTM_*. */
  readonly type: number;
  /** NLM_F_*. */
  readonly flags: number;
  /** Sequence number, which the answer repeats. */
  readonly sequence: number;
}

/** Header fields that differ from the usual ones. */
export interface Header {
  readonly flags?: number;
  readonly sequence?: number;
}

/** What a refusal contains besides the error number (NLMSGERR_ATTR_* of <linux/netlink.h>). */
export interface Refusal {
  /** The kernel's message. */
  readonly message?: string;
  /** Offset of the fault from the start of the request's message. */
  readonly offset?: number;
  /** Type of a missing attribute. */
  readonly missing?: number;
  /** Offset of the attribute that lacks it. */
  readonly missingIn?: number;
  /** Repeats the whole request, as the kernel does for clients without NETLINK_CAP_ACK. */
  readonly uncapped?: boolean;
}

/** One message: the header of netlink(7), then what `write` appends. */
function message(
  sent: Sent,
  type: number,
  flags: number,
  sequence: number | undefined,
  write: (writer: Writer) => void,
) {
  const writer = new Writer();
  writer.reserve(headerSize);
  write(writer);
  const { view, bytes } = writer.memory;
  view.setUint32(0, writer.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence ?? sent.sequence, true);
  return bytes.slice(0, writer.length);
}

/** Reports an object, alone or as part of a list. */
export function object<F extends Fields>(
  sent: Sent,
  kind: Message<F>,
  value: Input<F>,
  header: Header = {},
): Uint8Array {
  return message(sent, kind.types.add, header.flags ?? 0, header.sequence, writer => kind.write(writer, value));
}

const refusal = schema(0, () => ({
  message: attribute(1, string(0xffff)),
  offset: attribute(2, u32),
  missing: attribute(5, u32),
  missingIn: attribute(6, u32),
}));

function appendRefusal(writer: Writer, { message, offset, missing, missingIn }: Refusal): void {
  refusal.write(writer, { message, offset, missing, missingIn });
}

/** Refuses a request, or acknowledges it if `errno` is 0. */
export function error(sent: Sent, errno: number, reason: Refusal = {}, header: Header = {}): Uint8Array {
  const { uncapped = false, ...told } = reason;
  const flags = (uncapped ? 0 : NLM_F_CAPPED) | (Object.keys(told).length > 0 ? NLM_F_ACK_TLVS : 0);
  return message(sent, NLMSG_ERROR, header.flags ?? flags, header.sequence, writer => {
    s32.write(writer, -errno);
    writer.append(uncapped ? sent.bytes : sent.bytes.subarray(0, headerSize));
    writer.reserve(-writer.length & 3);
    appendRefusal(writer, told);
  });
}

/** Ends a list, with an error if `errno` is not 0. */
export function done(sent: Sent, errno = 0, reason: Refusal = {}, header: Header = {}): Uint8Array {
  const told = Object.keys(reason).length > 0;
  return message(
    sent,
    NLMSG_DONE,
    header.flags ?? NLM_F_MULTI | (told ? NLM_F_ACK_TLVS : 0),
    header.sequence,
    writer => {
      s32.write(writer, -errno);
      appendRefusal(writer, reason);
    },
  );
}

/** Combines several messages in one datagram. */
export function datagram(...messages: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer();
  for (const bytes of messages) {
    writer.append(bytes);
    writer.reserve(-bytes.length & 3);
  }
  return writer.memory.bytes.slice(0, writer.length);
}
