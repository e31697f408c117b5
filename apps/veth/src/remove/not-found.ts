import { NetlinkError, type Request, type Rtnetlink } from '@spider/rtnetlink';

/** Executes requests, and ignores errors about objects that do not exist. */
export function executeIgnoringNotFound(socket: Rtnetlink, requests: readonly Request<void>[]): void {
  for (const { error } of socket.settle(requests)) if (error && !isNotFound(error)) throw error;
}

/** True if the object that was to be removed does not exist. */
export function isNotFound(error: Error): boolean {
  return error instanceof NetlinkError && notFound.has(error.code);
}

const notFound = new Set(['ENODEV', 'ENOENT', 'ESRCH', 'EADDRNOTAVAIL']);
