import { NetlinkError, type Request, type Rtnetlink } from '@spider/rtnetlink';

/** Executes requests that remove; what is gone already is no error. */
export function executeUnlessGone(socket: Rtnetlink, requests: readonly Request<void>[]): void {
  for (const { error } of socket.settle(requests)) if (error && !isGone(error)) throw error;
}

/** True where what was to be removed is not there. */
export function isGone(error: Error): boolean {
  return error instanceof NetlinkError && gone.has(error.code);
}

const gone = new Set(['ENODEV', 'ENOENT', 'ESRCH', 'EADDRNOTAVAIL']);
