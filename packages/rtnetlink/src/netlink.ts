import { LinuxError } from '@spider/libc';
import { Batch } from './batch.ts';
import { InvalidField } from './codec/invalid-field.ts';
import type { Fields, View } from './codec/schema.ts';
import { quote } from './codec/text.ts';
import { Writer } from './codec/writer.ts';
import { EAGAIN, EBADMSG, ECANCELED, EMSGSIZE, ENETUNREACH, ENOBUFS, ENODEV, ENOENT, ESRCH } from './errno.ts';
import { DumpInterruptedError, NetlinkError } from './errors.ts';
import { readErrno, readError, repeatedType } from './extack.ts';
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_MIN_TYPE } from './protocol.ts';
import { Replies } from './replies.ts';
import type { ListRequest, Request } from './request.ts';
import { traceReply, traceSend } from './trace.ts';
import type { Transport } from './transport.ts';

/** The outcome of one request of a batch: its result, or the error that it failed with. */
export type Outcome<Result> =
  | { readonly value: Result; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: NetlinkError | DumpInterruptedError };

/** The results of requests, in the order of the requests. */
export type Results<Requests extends readonly Request<unknown>[]> = {
  -readonly [I in keyof Requests]: Requests[I] extends Request<infer Result> ? Result : never;
};

/** The outcomes of requests, in the order of the requests. */
export type Outcomes<Requests extends readonly Request<unknown>[]> = {
  -readonly [I in keyof Requests]: Requests[I] extends Request<infer Result> ? Outcome<Result> : never;
};

/** How a batch is executed. */
export interface BatchOptions {
  /**
   * What follows a request that failed. With `continue`, the default, the kernel executes the requests behind it too.
   * With `stop` they are not executed, and fail with ECANCELED. The kernel has no such mode, so with `stop` every
   * request, or transaction, is a send of its own.
   */
  readonly onError?: 'continue' | 'stop' | undefined;
}

const maxDumpTries = 10;

/** What errors of the socket mean while an answer is awaited. */
const meanings = new Map([
  [EAGAIN, 'the kernel sent no answer'],
  [ENOBUFS, 'the receive buffer overflowed and answers were lost'],
  [EMSGSIZE, 'the send buffer may not be as large as that: sysctl net.core.wmem_max'],
]);

/**
 * A client of one of the kernel's netlink families in one network namespace (netlink(7)). It is synchronous because the
 * kernel is: the answer is in the socket's queue before send(2) returns.
 */
export class Netlink implements Disposable {
  private readonly transport: Transport;
  private readonly replies: Replies;
  private readonly writer = new Writer();
  private sequence = 1;
  /** With SPIDER_NL_DEBUG=1 all messages are decoded and printed to standard error. */
  private readonly traced = process.env['SPIDER_NL_DEBUG'] === '1';
  /** The list that is being iterated, so that its replies are still in the queue. */
  private iterating: string | undefined;

  /** `new Netlink(openSocket(NETLINK_GENERIC))`. The client owns the transport: `close` closes it. */
  constructor(transport: Transport) {
    this.transport = transport;
    this.replies = new Replies(transport);
  }

  /**
   * Executes one request, and returns its result.
   * @throws InvalidField a value does not fit its field; nothing was sent.
   * @throws NetlinkError the kernel refused the request.
   * @throws DumpInterruptedError a list changed while it was read, ten times in a row.
   */
  execute<Result>(request: Request<Result>): Result {
    const { value, error } = this.settle([request])[0]!;
    if (error) throw error;
    return value as Result;
  }

  /**
   * Executes requests in order. One send takes up to 192 changes, 64 KiB, 38 gets, one list or one transaction. Except in
   * a transaction, the kernel continues after a request that failed; the first failure is thrown after all requests have
   * been executed, or at once with `onError: 'stop'`.
   * @throws InvalidField a value does not fit its field; nothing was sent.
   * @throws NetlinkError the kernel refused a request.
   * @throws DumpInterruptedError a list changed while it was read, ten times in a row.
   */
  batch<const Requests extends readonly Request<unknown>[]>(
    requests: Requests,
    options: BatchOptions = {},
  ): Results<Requests> {
    const results: unknown[] = [];
    for (const { value, error } of this.settle(requests, options) as Outcome<unknown>[]) {
      if (error) throw error;
      results.push(value);
    }
    return results as Results<Requests>;
  }

  /**
   * Like `batch`, but returns the outcome of every request instead of throwing the first failure. If a request of a
   * transaction fails, all its requests fail.
   * @throws InvalidField a value does not fit its field; nothing was sent.
   * @throws NetlinkError answers were lost, so the outcomes are unknown.
   */
  settle<const Requests extends readonly Request<unknown>[]>(
    requests: Requests,
    { onError = 'continue' }: BatchOptions = {},
  ): Outcomes<Requests> {
    if (onError === 'stop') return this.untilFailure(requests) as Outcomes<Requests>;
    const outcomes = this.attempt(requests);
    for (let i = 0; i < requests.length; i++)
      for (let tries = 1; outcomes[i]!.error && isWorthAnother(requests[i]!, outcomes[i]!.error, tries); tries++)
        outcomes[i] = this.attempt([requests[i]!])[0]!;
    return outcomes as Outcomes<Requests>;
  }

  /**
   * Iterates over a list with one view, which moves from object to object; `toObject()` of the view makes an object. The
   * view is valid until the next step. The socket executes no other request until the iteration ends.
   * @throws NetlinkError the kernel refused the request.
   * @throws DumpInterruptedError at the end: the list changed while it was read, so objects may be missing. Unlike
   * `execute`, `iterate` does not try again.
   */
  *iterate<F extends Fields>(request: ListRequest<F>): Generator<View<F>, void, undefined> {
    const batch = this.write([request]);
    const replies = this.replies;
    const { filter } = batch.written[0]!;
    const view = request.message.cursor();
    let interrupted = false;
    let nothingCame = true;
    let done = false;
    this.iterating = request.operation;
    try {
      this.send(batch, 0, 1);
      while (!done) {
        this.advance(batch);
        if (replies.sequence !== batch.sequence) continue;
        interrupted ||= (replies.flags & NLM_F_DUMP_INTR) !== 0;
        if (replies.type === NLMSG_DONE || replies.type === NLMSG_ERROR) {
          const error = readError(replies, batch.requests[0]!, batch.message(0));
          done = !(nothingCame && hadNoRoom(error));
          nothingCame = false;
          if (!done) this.send(batch, 0, 1);
          else if (error) throw error;
        } else if (replies.type >= NLMSG_MIN_TYPE) {
          nothingCame = false;
          if (!filter!.wants(replies)) continue;
          view.moveTo(replies.memory, replies.payload, replies.end);
          yield view as unknown as View<F>;
        }
      }
    } catch (error) {
      throw this.lost(error, request);
    } finally {
      // The caller left early: the next request must not find the remaining replies in the queue.
      if (!done) replies.drain();
      this.iterating = undefined;
    }
    if (interrupted) throw new DumpInterruptedError(request, []);
  }

  /** Closes the transport. */
  close(): void {
    this.transport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private write(requests: readonly Request<unknown>[]): Batch {
    if (this.iterating)
      throw new Error(`${this.iterating} is being iterated on this socket; end that, or open another`);
    if (!Array.isArray(requests)) throw new TypeError(`${quote(requests)} is no list of requests`);
    // Sequence numbers have 32 bits. The kernel uses 0 for notifications.
    if (this.sequence + requests.length > 0xffff_ffff) this.sequence = 1;
    const batch = new Batch(requests, this.sequence, this.writer);
    this.sequence += requests.length;
    return batch;
  }

  private send(batch: Batch, from: number, to: number): void {
    if (this.traced) traceSend(batch, from, to);
    this.transport.send(batch.bytes(from, to));
  }

  private advance(batch: Batch): void {
    this.replies.advance();
    if (this.traced) traceReply(this.replies, batch);
  }

  private untilFailure(requests: readonly Request<unknown>[]): Outcome<unknown>[] {
    // Refuses values that do not fit before anything is sent.
    this.write(requests);
    const outcomes: Outcome<unknown>[] = [];
    for (let from = 0, to = 0; from < requests.length; from = to) {
      to = endOfTransaction(requests, from);
      const settled: Outcome<unknown>[] = this.settle(requests.slice(from, to));
      outcomes.push(...settled);
      const failed = settled.findIndex(({ error }) => error);
      if (failed < 0) continue;
      const { operation } = requests[from + failed]!;
      const note = `not tried, for ${operation}, request ${from + failed + 1} of the batch, failed`;
      for (const request of requests.slice(to))
        outcomes.push({ error: new NetlinkError(request, ECANCELED, { note }) });
      break;
    }
    return outcomes;
  }

  private attempt(requests: readonly Request<unknown>[]): Outcome<unknown>[] {
    const batch = this.write(requests);
    const outcomes: Outcome<unknown>[] = [];
    for (const { reply } of requests) outcomes.push({ value: reply === 'dump' ? [] : undefined });
    for (let from = 0, to = 0; from < requests.length; from = to) {
      to = batch.sendable(from);
      this.exchange(batch, from, to, outcomes);
    }
    return outcomes;
  }

  /** Sends the requests from `from` up to `to` and stores their outcomes. */
  private exchange(batch: Batch, from: number, to: number, outcomes: Outcome<unknown>[]): void {
    const { requests } = batch;
    const { transaction } = requests[from]!;
    // Only the last change requests an acknowledgement. Once that arrives, changes before it without an error succeeded.
    const waiting = new Set<number>();
    for (let i = from; i < to; i++) if (requests[i]!.reply !== 'ack' || i === to - 1) waiting.add(i);
    try {
      this.send(batch, from, to);
      this.read(batch, from, to, outcomes, waiting);
    } catch (error) {
      // Only a failed transaction has more errors than the buffer holds. The first ones, which give the cause, are in it.
      const failed = transaction && error instanceof LinuxError && error.errno === ENOBUFS;
      if (failed)
        try {
          this.read(batch, from, to, outcomes, waiting);
        } catch {}
      this.replies.drain();
      if (!failed || !outcomes.slice(from, to).some(outcome => outcome.error))
        throw this.lost(error, requests[Math.min(...waiting)]!);
    }
    if (transaction) failTogether(outcomes, from, to);
  }

  /** Reads answers until no request from `from` up to `to` waits for one. */
  private read(batch: Batch, from: number, to: number, outcomes: Outcome<unknown>[], waiting: Set<number>): void {
    const { requests } = batch;
    const replies = this.replies;
    // A send has at most one list.
    let interrupted = false;
    while (waiting.size > 0) {
      this.advance(batch);
      const index = replies.sequence - batch.sequence;
      if (index < from || index >= to) continue;
      const request = requests[index]!;
      interrupted ||= (replies.flags & NLM_F_DUMP_INTR) !== 0;
      if (replies.type === NLMSG_DONE || replies.type === NLMSG_ERROR) {
        // A missing object is a result, not an error, so no error object is made.
        const absent = request.reply === 'object' && isAbsence(readErrno(replies));
        const error = absent ? undefined : readError(replies, request, batch.message(index));
        if (error) outcomes[index] = { error };
        else if (interrupted && request.reply === 'dump')
          outcomes[index] = { error: new DumpInterruptedError(request, outcomes[index]!.value as unknown[]) };
        // If the kernel refuses the transaction as a whole, no more answers follow.
        if (error && request.transaction && repeatedType(replies) !== request.type) waiting.clear();
        waiting.delete(index);
      } else if (replies.type >= NLMSG_MIN_TYPE) {
        const { entries, filter } = batch.written[index]!;
        if (filter && !filter.wants(replies)) continue;
        const { memory, payload, end } = replies;
        const value = request.message.read(memory, payload, end, entries);
        if (filter) (outcomes[index]!.value as unknown[]).push(value);
        else {
          outcomes[index] = { value };
          waiting.delete(index);
        }
      }
    }
  }

  /** The error to throw if an answer could not be read. */
  private lost(error: unknown, request: Request<unknown>): unknown {
    if (error instanceof LinuxError)
      return new NetlinkError(request, error.errno, { note: meanings.get(error.errno) ?? error.syscall });
    if (error instanceof RangeError && !(error instanceof InvalidField))
      return new NetlinkError(request, EBADMSG, { note: error.message });
    return error;
  }
}

/** If one request of a transaction failed, the kernel undid the others, so they fail with its error. */
function failTogether(outcomes: Outcome<unknown>[], from: number, to: number): void {
  const { error } = outcomes.slice(from, to).find(outcome => outcome.error) ?? {};
  if (error) for (let i = from; i < to; i++) outcomes[i] = outcomes[i]!.error ? outcomes[i]! : { error };
}

/** Index after the transaction of the request at `from`, or after that request if it has none. */
function endOfTransaction(requests: readonly Request<unknown>[], from: number): number {
  const { transaction } = requests[from]!;
  let to = from + 1;
  while (transaction && requests[to]?.transaction === transaction) to++;
  return to;
}

/** Whether a request that has failed `tries` times is tried again. */
function isWorthAnother({ reply }: Request<unknown>, error: Outcome<unknown>['error'], tries: number): boolean {
  if (error instanceof DumpInterruptedError) return tries < maxDumpTries;
  return reply === 'dump' && hadNoRoom(error) && tries === 1;
}

/**
 * The kernel's first buffer for a socket has 4 KiB, and the first object of a list must fit it. After a larger buffer has
 * been used to receive, the kernel makes its buffers as large as that one, up to 32 KiB.
 */
function hadNoRoom(error: NetlinkError | undefined): boolean {
  return error?.errno === EMSGSIZE;
}

/** For a get, "there is no such object" is an answer, not a failure. */
function isAbsence(errno: number): boolean {
  return errno === ENODEV || errno === ENOENT || errno === ESRCH || errno === ENETUNREACH;
}
