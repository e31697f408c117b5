import { LinuxError } from '@spider/libc';
import { memoryOf } from '../codec/memory.ts';
import type { Message } from '../codec/message.ts';
import type { Fields, Input } from '../codec/schema.ts';
import { EAGAIN, ENOENT } from '../errno.ts';
import { describe } from '../errors.ts';
import { messageOf } from '../messages.ts';
import { headerSize, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_MULTI } from '../protocol.ts';
import { operationOf } from '../request.ts';
import type { Transport } from '../transport.ts';
import { datagram, done, error, object, type Refusal, type Sent } from './reply.ts';

/** The answer of a fake kernel to one request. */
export type Answer =
  /** An acknowledgement; for a get, there is no such object. */
  | undefined
  /** The requested objects. */
  | readonly object[]
  /** An error with this number, errno(3). */
  | ({ readonly errno: number } & Refusal)
  /** The objects of a list that changed while it was read, so that the client repeats the request. */
  | { readonly interrupted: readonly object[] }
  /** Datagrams, unchanged, and errors that `receive` throws. */
  | { readonly datagrams: readonly (Uint8Array | Error)[] };

/** Answers requests of one operation, such as `route.add`. `object` is the decoded object, `sent` the message. */
export type Handler = (object: Record<string, unknown>, sent: Sent) => Answer;

/**
 * A transport without a kernel, for unit tests: `Rtnetlink.open(fakeKernel({ 'link.get': () => [{ index: 2 }] }))`.
 * Handlers are found by operation, such as `route.add`.
 * @throws Error when a request is sent that has no handler.
 */
export function fakeKernel(handlers: Readonly<Record<string, Handler>>): Transport {
  const queue: (Uint8Array | Error)[] = [];
  return {
    send(bytes) {
      for (const sent of split(bytes)) queue.push(...answer(sent, handlers));
    },
    receive(bytes) {
      const next = queue[0] ?? new LinuxError('recv', EAGAIN);
      if (next instanceof Uint8Array && next.length > bytes.length) return next.length;
      queue.shift();
      if (next instanceof Error) throw next;
      bytes.set(next);
      return next.length;
    },
    close() {},
  };
}

/** The messages of a datagram. */
function split(datagram: Uint8Array): Sent[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const list: Sent[] = [];
  for (let at = 0; at < datagram.length; ) {
    const size = view.getUint32(at, true);
    const [type, flags] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
    list.push({ bytes: datagram.slice(at, at + size), type, flags, sequence: view.getUint32(at + 8, true) });
    at += (size + 3) & ~3;
  }
  return list;
}

function answer(sent: Sent, handlers: Readonly<Record<string, Handler>>): (Uint8Array | Error)[] {
  const kind = messageOf(sent.type, sent.bytes[headerSize]!);
  if (!kind) throw new Error(`no kind of object has the message type ${sent.type}`);
  const operation = operationOf(kind, sent.type, sent.flags);
  const asked = kind.read(memoryOf(sent.bytes), headerSize, sent.bytes.length);
  const handler = handlers[operation];
  if (!handler) throw new Error(`nobody answers ${operation} ${describe(asked)}`);
  return datagrams(handler(asked, sent), sent, kind);
}

function datagrams(answer: Answer, sent: Sent, kind: Message<Fields>): (Uint8Array | Error)[] {
  if (answer && 'datagrams' in answer) return [...answer.datagrams];
  if (answer && 'errno' in answer) {
    const { errno, ...refusal } = answer;
    return [error(sent, errno, refusal)];
  }
  const isGet = sent.type === kind.types.get;
  const isList = isGet && (sent.flags & NLM_F_DUMP) === NLM_F_DUMP;
  const interrupted = answer && 'interrupted' in answer;
  const objects = (interrupted ? answer.interrupted : (answer ?? [])) as readonly Input<Fields>[];
  const flags = (isList ? NLM_F_MULTI : 0) | (interrupted ? NLM_F_DUMP_INTR : 0);
  const told = objects.map(value => object(sent, kind, value, { flags }));
  if (isList) return [datagram(...told, done(sent, 0, {}, { flags }))];
  if (isGet) return [told[0] ?? error(sent, ENOENT)];
  return sent.flags & NLM_F_ACK ? [error(sent, 0)] : [];
}
