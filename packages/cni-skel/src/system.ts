import { fs } from './fs.ts';

/** What a file is told from all others by, while it exists. */
export interface FileIdentity {
  readonly device: bigint;
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
}

/** By node:fs. */
export const nodeSystem: System = {
  read: (fd, buffer) => fs().readSync(fd, buffer),
  write: (fd, bytes) => fs().writeSync(fd, bytes),
  identify(path) {
    const { dev, ino } = fs().statSync(path, { bigint: true });
    return { device: dev, inode: ino };
  },
};
