// Writes requests as bytes, and splits them into sends whose answers fit the receive buffer.
import { InvalidField } from './codec/invalid-field.ts';
import type { Entries } from './codec/reader.ts';
import type { Writer } from './codec/writer.ts';
import { Filter } from './filter.ts';
import { headerSize, NLM_F_ACK, NLM_F_REQUEST } from './protocol.ts';
import { isList, type Request } from './request.ts';

// Of the default receive buffer (212,992 bytes) an acknowledgement or error takes 832, a link about 4,400, and the first
// part of a list about 36,000. The costs below are a little higher, and `room` is no more than the buffer has.
const room = 192;
const cost = { ack: 1, object: 5, dump: 50 } as const;
const maxBytesPerSend = 64 * 1024;

/** A request that has been written, and how to read its answers. */
interface Written {
  /** Start of the request's bytes: its message, or the beginning of a transaction before it. */
  readonly start: number;
  /** Start of its message. */
  readonly message: number;
  /** End of the request's bytes: its message, or the end of a transaction behind it. */
  readonly end: number;
  /** The fields to read of each answer; undefined means all. */
  readonly entries: Entries | undefined;
  /** The filter of a list. */
  readonly filter: Filter | undefined;
}

/** Requests, written one after another and numbered in sequence. */
export class Batch {
  readonly requests: readonly Request<unknown>[];
  /** Sequence number of the first request. */
  readonly sequence: number;
  /** Indexed like `requests`. */
  readonly written: readonly Written[];
  private readonly writer: Writer;

  /** @throws InvalidField a value does not fit its field, or `only` names no field. */
  constructor(requests: readonly Request<unknown>[], sequence: number, writer: Writer) {
    this.requests = requests;
    this.sequence = sequence;
    this.writer = writer;
    writer.reset();
    const written: Written[] = [];
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]!;
      if (!request?.message) throw new TypeError(`${typeof request} is no request, such as link.list() makes`);
      const { transaction, only } = request;
      const start = writer.length;
      if (transaction && transaction !== requests[i - 1]?.transaction) write(writer, transaction.begin, sequence + i);
      const message = writer.length;
      write(writer, request, sequence + i);
      if (transaction && transaction !== requests[i + 1]?.transaction) write(writer, transaction.end, sequence + i);
      try {
        const entries = only && request.message.entriesOf(only);
        const filter = isList(request) ? new Filter(request) : undefined;
        written.push({ start, message, end: writer.length, entries, filter });
      } catch (error) {
        throw errorOf(request, error);
      }
    }
    this.written = written;
  }

  /** The position of the message of request `index`. */
  message(index: number): { memory: Writer['memory']; start: number; end: number } {
    const { memory } = this.writer;
    const start = this.written[index]!.message;
    return { memory, start, end: start + memory.view.getUint32(start, true) };
  }

  /** Index after the last request that can be sent together with request `from`. */
  sendable(from: number): number {
    const { start } = this.written[from]!;
    const { transaction } = this.requests[from]!;
    let spent = 0;
    let listed = false;
    let to = from;
    for (; to < this.requests.length; to++) {
      const request = this.requests[to]!;
      // A transaction is one send of its own.
      if (request.transaction !== transaction) break;
      if (transaction) continue;
      spent += cost[request.reply];
      if (to > from && (spent > room || this.written[to]!.end - start > maxBytesPerSend)) break;
      // The kernel runs one list at a time per socket and continues it while the answers are read, so a change in the same
      // send would take effect before the list has ended.
      if (listed && request.reply !== 'object') break;
      listed ||= request.reply === 'dump';
    }
    return to;
  }

  /**
   * The bytes of the requests from `from` up to `to`. If the last one has no other answer, it requests an
   * acknowledgement.
   */
  bytes(from: number, to: number): Uint8Array {
    const { bytes, view } = this.writer.memory;
    const { message, end } = this.written[to - 1]!;
    if (this.requests[to - 1]!.reply === 'ack')
      view.setUint16(message + 6, view.getUint16(message + 6, true) | NLM_F_ACK, true);
    return bytes.subarray(this.written[from]!.start, end);
  }
}

/** Adds the operation to an error about a refused value. */
function errorOf({ operation }: Request<unknown>, error: unknown): unknown {
  return error instanceof InvalidField ? new InvalidField(error.path, error.reason, operation) : error;
}

function write(writer: Writer, request: Request<unknown>, sequence: number): void {
  const { message, type, flags, object } = request;
  const start = writer.reserve(headerSize);
  try {
    message.write(writer, object);
  } catch (error) {
    throw errorOf(request, error);
  }
  const { view } = writer.memory;
  view.setUint32(start, writer.length - start, true);
  view.setUint16(start + 4, type, true);
  view.setUint16(start + 6, flags | NLM_F_REQUEST, true);
  view.setUint32(start + 8, sequence, true);
}
