import { messageOf } from './error.ts';

/** How long the reader of a socket may take to read the rest, in milliseconds. */
const patience = 500;

/** Where a log goes that cannot be written at once. */
export interface LogSocket {
  write(line: string): void;
  /** Resolves when everything is written, or can no longer be. */
  close(): Promise<void>;
}

/** Connects to a Unix stream socket. `fail` is called once where that or writing fails. */
export function openLogSocket(path: string, fail: (problem: string) => void): LogSocket {
  // A reader may end its own direction, in which it has nothing to say, and go on reading.
  const socket = process.getBuiltinModule('node:net').connect({ path, allowHalfOpen: true });
  let open = true;
  const end = (problem?: string) => {
    if (open && problem !== undefined) fail(problem);
    open = false;
    socket.destroy();
  };
  // A handler that waits for nothing must be found out, connection or not.
  socket.unref();
  socket.on('error', error => end(messageOf(error)));
  return {
    write: line => {
      if (open) socket.write(line);
    },
    close: () =>
      new Promise(resolve => {
        if (!open) return resolve();
        const timer = setTimeout(() => end(`nobody read it for ${patience} ms`), patience);
        socket.on('close', () => {
          clearTimeout(timer);
          resolve();
        });
        socket.end(() => end());
      }),
  };
}
