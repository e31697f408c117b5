import { messageOf } from './error.ts';

/** Milliseconds that the reader of the socket has to read the rest. */
const closeTimeout = 500;

/** A destination of the log that is written asynchronously. */
export interface LogSocket {
  write(line: string): void;
  /** Resolves when everything has been written, or can no longer be written. */
  close(): Promise<void>;
}

/** Connects to a Unix stream socket. `fail` is called once if connecting or writing fails. */
export function openLogSocket(path: string, fail: (problem: string) => void): LogSocket {
  // A reader that has nothing to send may shut down its sending direction and continue reading.
  const socket = process.getBuiltinModule('node:net').connect({ path, allowHalfOpen: true });
  let open = true;
  const end = (problem?: string) => {
    if (open && problem !== undefined) fail(problem);
    open = false;
    socket.destroy();
  };
  // The connection must not keep the process alive: otherwise a handler that waits forever would not be detected.
  socket.unref();
  socket.on('error', error => end(messageOf(error)));
  return {
    write: line => {
      if (open) socket.write(line);
    },
    close: () =>
      new Promise(resolve => {
        if (!open) return resolve();
        const timer = setTimeout(() => end(`nobody read it for ${closeTimeout} ms`), closeTimeout);
        socket.on('close', () => {
          clearTimeout(timer);
          resolve();
        });
        socket.end(() => end());
      }),
  };
}
