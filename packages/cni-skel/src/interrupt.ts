import { CNIError, ErrorCode, messageOf } from './error.ts';

/** Milliseconds that an aborted handler has to end by itself. */
const grace = 2000;

interface Limits {
  /** Name of the command, for the error message. */
  readonly what: string;
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that is aborted after `timeout`, or together with `signal`. Aborted work fails with the
 * reason, even if it never ends. If the reason is a CNIError, the process has crashed, so the work gets no time to end.
 */
export async function interruptible<T>(limits: Limits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = combine(limits);
  const givenUp = Promise.withResolvers<never>();
  let graceTimer: NodeJS.Timeout | undefined;
  const abort = () => {
    if (signal.reason instanceof CNIError) givenUp.reject();
    else graceTimer = setTimeout(givenUp.reject, grace);
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
    clearTimeout(graceTimer);
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
