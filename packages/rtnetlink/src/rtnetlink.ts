import { LinuxError } from '@spider/libc';
import { type Fields, InvalidField, type View } from './codec/schema.ts';
import { Writer } from './codec/writer.ts';
import { DumpInterruptedError, explain, NetlinkError } from './errors.ts';
import {
  headerSize,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP_FILTERED,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './protocol.ts';
import { Replies } from './replies.ts';
import type { ListRequest, Request } from './request.ts';
import { openSocket, type Transport } from './transport.ts';

/** What became of one request of a batch. */
export type Outcome<Result> =
  | { readonly value: Result; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: NetlinkError | DumpInterruptedError };

/** The results of requests, in their order. */
export type Results<Requests extends readonly Request<unknown>[]> = {
  -readonly [I in keyof Requests]: Requests[I] extends Request<infer Result> ? Result : never;
};

/** The outcomes of requests, in their order. */
export type Outcomes<Requests extends readonly Request<unknown>[]> = {
  -readonly [I in keyof Requests]: Requests[I] extends Request<infer Result> ? Outcome<Result> : never;
};

// A default receive buffer holds about 256 short replies: a chunk of this size never loses one.
const maxRequestsPerSend = 192;
const maxBytesPerSend = 64 * 1024;
const maxDumpTries = 10;

const ENOENT = 2;
const ESRCH = 3;
const EAGAIN = 11;
const ENODEV = 19;
const ENOBUFS = 105;

/** What the socket's own errors mean while an answer is awaited. */
const silence = new Map([
  [EAGAIN, 'the kernel sent no answer'],
  [ENOBUFS, 'the receive buffer overflowed and answers were lost'],
]);

/**
 * A conversation with the routing tables of one network namespace (rtnetlink(7)). It is synchronous because the kernel
 * is: the answer stands in the socket's queue before send(2) returns.
 */
export class Rtnetlink implements Disposable {
  readonly #transport: Transport;
  readonly #replies: Replies;
  readonly #writer = new Writer();
  #sequence = 1;
  /** The list that is being iterated: its replies are still in the queue. */
  #iterating: string | undefined;

  private constructor(transport: Transport) {
    this.#transport = transport;
    this.#replies = new Replies(transport);
  }

  /**
   * Opens a socket in the thread's current network namespace.
   * @throws LinuxError where the socket cannot be opened.
   */
  static open(transport: Transport = openSocket()): Rtnetlink {
    return new Rtnetlink(transport);
  }

  /**
   * Executes one request.
   * @throws InvalidField, before anything is sent, where a value does not fit its field.
   * @throws NetlinkError where the kernel refuses the request.
   * @throws DumpInterruptedError where a list kept changing while it was read, ten times in a row.
   */
  execute<Result>(request: Request<Result>): Result {
    const [outcome] = this.settle([request]);
    if (outcome.error) throw outcome.error;
    return outcome.value as Result;
  }

  /**
   * Executes requests in one send (one more per 192 requests, per 64 KiB and per further list).
   * The kernel goes on after a request that failed; the first failure is thrown when all have been tried.
   */
  batch<const Requests extends readonly Request<unknown>[]>(requests: Requests): Results<Requests> {
    return this.settle(requests).map(({ value, error }) => {
      if (error) throw error;
      return value;
    }) as Results<Requests>;
  }

  /** Like `batch`, but tells what became of each request. */
  settle<const Requests extends readonly Request<unknown>[]>(requests: Requests): Outcomes<Requests> {
    const outcomes: Outcome<unknown>[] = [];
    while (outcomes.length < requests.length) outcomes.push(...this.#exchange(requests.slice(outcomes.length)));
    return outcomes.map((first, i) => {
      let outcome = first;
      for (let tries = 1; outcome.error instanceof DumpInterruptedError && tries < maxDumpTries; tries++)
        outcome = this.#exchange([requests[i]!])[0]!;
      return outcome;
    }) as Outcomes<Requests>;
  }

  /**
   * Iterates a list with one view that moves from object to object; nothing is made until its `toObject()`. The view is
   * valid until the next step. Where the list changes meanwhile, objects may be missing: DumpInterruptedError is thrown
   * at the end, and `execute` would have tried again.
   */
  *iterate<F extends Fields>(request: ListRequest<F>): Generator<View<F>, void, undefined> {
    const chunk = this.#send([request]);
    const replies = this.#replies;
    const cursor = request.message.cursor();
    let interrupted = false;
    let done = false;
    this.#iterating = request.operation;
    try {
      while (!done) {
        this.#advance(request);
        if (replies.sequence !== chunk.sequence) continue;
        interrupted ||= (replies.flags & NLM_F_DUMP_INTR) !== 0;
        if (replies.type === NLMSG_DONE || replies.type === NLMSG_ERROR) {
          done = true;
          const error = this.#readError(request, chunk, 0);
          if (error) throw error;
        } else {
          cursor.moveTo(replies.memory, replies.payload, replies.end);
          yield cursor as unknown as View<F>;
        }
      }
    } finally {
      // Left early: what remains in the queue must not be taken for the answer to the next request.
      while (!done) {
        this.#advance(request);
        done = replies.sequence === chunk.sequence && (replies.type === NLMSG_DONE || replies.type === NLMSG_ERROR);
      }
      this.#iterating = undefined;
    }
    if (interrupted) throw new DumpInterruptedError(request, []);
  }

  /** Closes the socket. */
  close(): void {
    this.#transport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Sends as many of the requests as one send may hold, and reads the answers. */
  #exchange(requests: readonly Request<unknown>[]): Outcome<unknown>[] {
    const chunk = this.#send(requests);
    const sent = requests.slice(0, chunk.ends.length);
    const replies = this.#replies;
    const outcomes: Outcome<unknown>[] = sent.map(({ reply }) => ({ value: reply === 'dump' ? [] : undefined }));
    const interrupted = new Set<number>();
    // Only the last change asks for an acknowledgement: when it is there, the silence of those before it is success.
    const waiting = new Set([...sent.keys()].filter(i => sent[i]!.reply !== 'ack' || i === sent.length - 1));
    while (waiting.size > 0) {
      this.#advance(sent[Math.min(...waiting)]!);
      const index = replies.sequence - chunk.sequence;
      const request = sent[index];
      if (!request) continue;
      if (replies.type === NLMSG_DONE || replies.type === NLMSG_ERROR) {
        const error = this.#readError(request, chunk, index);
        if (error && !(request.reply === 'object' && isAbsence(error))) outcomes[index] = { error };
        waiting.delete(index);
      } else {
        const object = request.message.read(replies.memory, replies.payload, replies.end);
        if (request.reply === 'dump') {
          if (replies.flags & NLM_F_DUMP_INTR) interrupted.add(index);
          if (replies.flags & NLM_F_DUMP_FILTERED || matches(object, (request as ListRequest<Fields>).filter))
            (outcomes[index]!.value as unknown[]).push(object);
        } else {
          outcomes[index] = { value: object };
          waiting.delete(index);
        }
      }
    }
    for (const index of interrupted) {
      const { value, error } = outcomes[index]!;
      if (!error) outcomes[index] = { error: new DumpInterruptedError(sent[index]!, value as unknown[]) };
    }
    return outcomes;
  }

  /** Writes and sends the first requests of those given, as many as one send may hold. */
  #send(requests: readonly Request<unknown>[]): Chunk {
    if (this.#iterating) throw new Error(`${this.#iterating} is being iterated on this socket; end that, or open another`);
    const writer = this.#writer;
    const chunk: Chunk = { sequence: this.#sequence, ends: [] };
    let dumps = 0;
    let lastStart = 0;
    writer.reset();
    for (const request of requests) {
      // The kernel runs one dump at a time for a socket.
      if (request.reply === 'dump' && ++dumps > 1) break;
      if (chunk.ends.length === maxRequestsPerSend || writer.length > maxBytesPerSend) break;
      lastStart = writer.length;
      this.#write(request, chunk.sequence + chunk.ends.length);
      chunk.ends.push(writer.length);
    }
    const { view, bytes } = writer.memory;
    if (requests[chunk.ends.length - 1]?.reply === 'ack')
      view.setUint16(lastStart + 6, view.getUint16(lastStart + 6, true) | NLM_F_ACK, true);
    this.#sequence = nextSequence(chunk.sequence + chunk.ends.length);
    this.#transport.send(bytes, writer.length);
    return chunk;
  }

  #write({ operation, message, type, flags, object }: Request<unknown>, sequence: number): void {
    const writer = this.#writer;
    const start = writer.reserve(headerSize);
    try {
      message.write(writer, object);
    } catch (error) {
      throw error instanceof InvalidField ? new InvalidField(`${operation} ${error.path}`, error.reason) : error;
    }
    const { view } = writer.memory;
    view.setUint32(start, writer.length - start, true);
    view.setUint16(start + 4, type, true);
    view.setUint16(start + 6, flags | NLM_F_REQUEST, true);
    view.setUint32(start + 8, sequence, true);
  }

  #advance(request: Request<unknown>): void {
    try {
      this.#replies.advance();
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
      throw new NetlinkError(request, error.errno, { kernelMessage: silence.get(error.errno) });
    }
  }

  /** The error that the current reply (NLMSG_ERROR or NLMSG_DONE) tells of request `index`; undefined for success. */
  #readError(request: Request<unknown>, chunk: Chunk, index: number): NetlinkError | undefined {
    const { memory, type, flags, payload, end } = this.#replies;
    const errno = end >= payload + 4 ? -memory.view.getInt32(payload, true) : 0;
    if (errno === 0) return undefined;
    if (!(flags & NLM_F_ACK_TLVS)) return new NetlinkError(request, errno);
    // An NLMSG_ERROR repeats the request after the number: its header alone, or all of it.
    const repeated = type === NLMSG_DONE ? 0 : flags & NLM_F_CAPPED ? headerSize : memory.view.getUint32(payload + 4, true);
    const attributes = payload + 4 + ((repeated + 3) & ~3);
    const start = chunk.ends[index - 1] ?? 0;
    const sent = { memory: this.#writer.memory, start, payload: start + headerSize, end: chunk.ends[index]! };
    return new NetlinkError(request, errno, explain(memory, attributes, end, request, sent));
  }
}

/** What one send carried: the first sequence number, and where each message ends in the writer. */
interface Chunk {
  readonly sequence: number;
  readonly ends: number[];
}

/** Sequence numbers are 32 bits wide, and 0 is left to the kernel's own notifications. */
function nextSequence(sequence: number): number {
  return sequence + maxRequestsPerSend > 0xffff_ffff ? 1 : sequence;
}

/** "There is no such object" answers a question; it is no failure of it. */
function isAbsence({ errno }: NetlinkError): boolean {
  return errno === ENODEV || errno === ENOENT || errno === ESRCH;
}

function matches(object: object, filter: object): boolean {
  return Object.entries(filter).every(
    ([name, value]) => value === undefined || (object as Record<string, unknown>)[name] === value,
  );
}
