import { messageOf, operationOf } from '@spider/rtnetlink';
import { type Fields, type Message, memoryOf } from '@spider/rtnetlink/codec';

const headerSize = 16;
const NLM_F_REQUEST = 0x1;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

/** A message of a datagram. */
export interface Decoded {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** The kind of object, if known. */
  readonly kind?: Message<Fields> | undefined;
  /** Meaning of the message: `route.add`, `route`, `done`, `error -17`. */
  readonly what: string;
  /** The object, as far as @spider/rtnetlink can read it. */
  readonly object?: object | undefined;
  /** The whole message. */
  readonly bytes: Uint8Array;
}

/** The messages of a datagram. */
export function decode(datagram: Uint8Array): Decoded[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const list: Decoded[] = [];
  for (let at = 0; at + headerSize <= datagram.length; ) {
    const size = view.getUint32(at, true);
    // The rest is not a message; the kernel ignores it too.
    if (size < headerSize || at + size > datagram.length) break;
    list.push(decodeMessage(datagram.slice(at, at + size)));
    at += (size + 3) & ~3;
  }
  return list;
}

function decodeMessage(bytes: Uint8Array): Decoded {
  const memory = memoryOf(bytes);
  const { view } = memory;
  const [type, flags, sequence] = [view.getUint16(4, true), view.getUint16(6, true), view.getUint32(8, true)];
  const header = { type, flags, sequence, bytes };
  if (type === NLMSG_ERROR || type === NLMSG_DONE) {
    const errno = bytes.length >= headerSize + 4 ? view.getInt32(headerSize, true) : 0;
    return { ...header, what: errno ? `error ${errno}` : type === NLMSG_DONE ? 'done' : 'acknowledged' };
  }
  const kind = messageOf(type, bytes[headerSize] ?? 0);
  if (!kind) return { ...header, what: `type ${type}` };
  const object = kind.read(memory, headerSize, bytes.length);
  const gone = type === kind.types.delete ? `${kind.kind} gone` : kind.kind;
  return { ...header, kind, object, what: flags & NLM_F_REQUEST ? operationOf(kind, type, flags) : gone };
}
