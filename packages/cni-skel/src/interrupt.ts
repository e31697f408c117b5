import { CNIError, ErrorCode, messageOf } from './error.ts';
import type { Awaitable } from './rollback.ts';

/** How long a handler that was aborted may take to end by itself, in milliseconds. */
const grace = 2000;

interface Limits {
  /** The command, for the message. */
  readonly what: string;
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that aborts after `timeout` or when `signal` does. Work that was aborted fails with the
 * reason, whether it ends or not.
 */
export async function interruptible<T>(
  { what, timeout, signal }: Limits,
  work: (signal: AbortSignal) => Awaitable<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = (reason: unknown) => controller.abort(asError(what, reason));
  const forward = () => abort(signal?.reason);
  if (signal?.aborted) forward();
  signal?.addEventListener('abort', forward, { once: true });
  const timers = [timeout === undefined ? undefined : setTimeout(abort, timeout, `it took more than ${timeout} ms`)];
  try {
    controller.signal.throwIfAborted();
    const outOfPatience = new Promise<never>((_resolve, reject) => {
      controller.signal.addEventListener('abort', () => {
        timers.push(setTimeout(reject, grace, controller.signal.reason));
      });
    });
    const value = await Promise.race([work(controller.signal), outOfPatience]);
    controller.signal.throwIfAborted();
    return value;
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', forward);
    for (const timer of timers) clearTimeout(timer);
  }
}

function asError(what: string, reason: unknown): CNIError {
  if (reason instanceof CNIError) return reason;
  const why = typeof reason === 'string' ? reason : messageOf(reason);
  return new CNIError(ErrorCode.TryAgainLater, `${what} was aborted: ${why}`, { cause: reason });
}
