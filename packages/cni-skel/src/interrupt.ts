import { CNIError, ErrorCode, messageOf } from './error.ts';

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
 * reason, whether it ends or not. A CNIError for a reason is a crash: the work may never end.
 */
export async function interruptible<T>(limits: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = combine(limits);
  const givenUp = Promise.withResolvers<never>();
  let patience: NodeJS.Timeout | undefined;
  const abort = () => {
    if (signal.reason instanceof CNIError) givenUp.reject();
    else patience = setTimeout(givenUp.reject, grace);
  };
  try {
    signal.throwIfAborted();
    signal.addEventListener('abort', abort);
    const value = await Promise.race([work(signal), givenUp.promise]);
    signal.throwIfAborted();
    return value;
  } catch (error) {
    throw signal.aborted ? asError(limits, signal.reason) : error;
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(patience);
  }
}

function combine({ timeout, signal = new AbortController().signal }: Limits): AbortSignal {
  if (timeout === undefined) return signal;
  return AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
}

function asError({ what, timeout }: Limits, reason: unknown): CNIError {
  if (reason instanceof CNIError) return reason;
  const timedOut = timeout !== undefined && reason instanceof DOMException && reason.name === 'TimeoutError';
  const why = timedOut ? `it took more than ${timeout} ms` : messageOf(reason);
  return new CNIError(ErrorCode.TryAgainLater, `${what} was aborted: ${why}`, { cause: reason });
}
