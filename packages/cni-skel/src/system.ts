import { fs } from './fs.ts';

/** What a file is told from all others by, while it exists. */
export interface FileIdentity {
  /** Number of the device that holds it: st_dev of stat(2). */
  readonly device: bigint;
  /** Its number there: st_ino of stat(2). */
  readonly inode: bigint;
}

/**
 * What every request asks of the operating system. A program that has system calls of its own can spare itself the time
 * to load node:fs. Errors carry errno's name as `code`, as Node's do.
 */
export interface System {
  /** Reads into `buffer` and returns the number of bytes, 0 at the end: read(2). */
  read(fd: number, buffer: Uint8Array): number;
  /** Writes from `bytes` and returns how many were written: write(2). */
  write(fd: number, bytes: Uint8Array): number;
  /** Looks at the file that a path leads to: stat(2). */
  identify(path: string): FileIdentity;
  /**
   * Makes file descriptor 1 standard error, and returns another for what was standard output: whatever a handler's
   * libraries and children write to 1, the answer stays alone. Without it only `console` and `process.stdout` are kept
   * from there.
   */
  moveStdout?(): number;
}

/** By node:fs. */
export const nodeSystem: System = {
  read: (fd, buffer) => fs().readSync(fd, buffer),
  write: (fd, bytes) => fs().writeSync(fd, bytes),
  identify(path) {
    const { dev, ino } = fs().statSync(path, { bigint: true });
    return { device: dev, inode: ino };
  },
  moveStdout() {
    const { closeSync, constants, fstatSync, openSync } = fs();
    const reopen = (fd: number, flags: number) => openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | flags);
    try {
      // A file that is opened again is written from its beginning, but runtimes read through pipes.
      if (!fstatSync(1).isFIFO()) return 1;
      // A pipe that nobody reads is an error with O_NONBLOCK, and else waited for.
      closeSync(reopen(2, constants.O_NONBLOCK));
      const stdout = reopen(1, constants.O_NONBLOCK);
      // The lowest that is free is the next to be opened.
      closeSync(1);
      reopen(2, constants.O_APPEND);
      return stdout;
    } catch {
      return 1;
    }
  },
};
