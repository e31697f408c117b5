import { fs } from './fs.ts';

/** Identifies a file while it exists. */
export interface FileIdentity {
  /** Number of the device that contains it: st_dev of stat(2). */
  readonly device: bigint;
  /** Its number on that device: st_ino of stat(2). */
  readonly inode: bigint;
}

/**
 * The system calls that every request needs. A program with system calls of its own can avoid the time that loading
 * node:fs takes. As in Node, errors have the name of the errno as `code`.
 */
export interface System {
  /** Reads into `buffer` and returns the number of bytes, 0 at the end of the file: read(2). */
  read(fd: number, buffer: Uint8Array): number;
  /** Writes `bytes` and returns the number of bytes written: write(2). */
  write(fd: number, bytes: Uint8Array): number;
  /** Identifies the file that a path refers to: stat(2). */
  identify(path: string): FileIdentity;
  /**
   * Makes file descriptor 1 refer to standard error, and returns a new descriptor for standard output. So nothing that a
   * handler's libraries or children write to descriptor 1 mixes with the answer. Without this method only output of
   * `console` and `process.stdout` is redirected.
   */
  moveStdout?(): number;
}

/** System calls by node:fs. */
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
      // A regular file would be written from its beginning after it is reopened. Runtimes use pipes.
      if (!fstatSync(1).isFIFO()) return 1;
      // With O_NONBLOCK, opening a pipe that has no reader fails instead of blocking (open(2)).
      closeSync(reopen(2, constants.O_NONBLOCK));
      const stdout = reopen(1, constants.O_NONBLOCK);
      // open(2) returns the lowest free descriptor, which is 1 now.
      closeSync(1);
      reopen(2, constants.O_APPEND);
      return stdout;
    } catch {
      return 1;
    }
  },
};
