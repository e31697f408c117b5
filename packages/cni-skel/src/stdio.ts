// Reads and writes the standard streams completely and synchronously, so that nothing needs to be flushed at exit.
import { nodeSystem, type System } from './system.ts';

/** Limit in bytes, far above any real configuration. More input is refused instead of being kept in memory. */
const maxStdin = 16 * 1024 * 1024;

/**
 * Reads file descriptor 0 to its end.
 * @throws Error for more than {@link maxStdin} bytes
 */
export function readStdin(system: System): Uint8Array {
  let buffer = new Uint8Array(16 * 1024);
  let length = 0;
  for (;;) {
    const read = blocking(() => system.read(0, buffer.subarray(length)));
    if (read === 0) return buffer.subarray(0, length);
    length += read;
    if (length > maxStdin) throw new Error(`more than ${maxStdin} bytes`);
    if (length === buffer.length) {
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer = larger;
    }
  }
}

/**
 * Writes all of `data`, a string as UTF-8, to a file descriptor, and waits if that would block.
 * @throws Error as `system` does, except for EAGAIN
 */
export function writeAll(fd: number, data: string | Uint8Array, system: System = nodeSystem): void {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  for (let written = 0; written < bytes.length; ) {
    written += blocking(() => system.write(fd, bytes.subarray(written)));
  }
}

/** Writes to standard error. Errors are ignored. */
export function writeStderr(data: string | Uint8Array, system: System = nodeSystem): void {
  try {
    writeAll(2, data, system);
  } catch {
    // Nobody reads standard error.
  }
}

/** Another process that holds the pipe may have made it non-blocking: a call that would block is repeated. */
function blocking(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** Methods of console that write to standard output. */
const printers = ['log', 'info', 'debug', 'dir', 'dirxml', 'table', 'group', 'count', 'timeEnd', 'timeLog'] as const;

/** Redirects what handlers print to standard error: standard output has only the one JSON value. */
export function redirectStdout(): void {
  for (const printer of printers) console[printer] = (...data: unknown[]) => console.error(...data);
  const stderrInstead = new Proxy({} as NodeJS.WriteStream, {
    get: (_target, key) => (key === 'write' ? write : Reflect.get(process.stderr, key, process.stderr)),
    has: (_target, key) => key in process.stderr,
  });
  // In Node `stdout` is an accessor. In Bun anything but an assignment would open the stream, at a cost of 2 ms.
  if (process.versions['bun']) Object.assign(process, { stdout: stderrInstead });
  else Object.defineProperty(process, 'stdout', { value: stderrInstead, configurable: true, writable: true });
}

function write(data: string | Uint8Array, ...rest: unknown[]): boolean {
  writeStderr(data);
  const callback = rest.find(value => typeof value === 'function');
  if (callback) queueMicrotask(() => callback());
  return true;
}
