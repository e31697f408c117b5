import { check, native } from './call.ts';
import { cString } from './string.ts';

// <fcntl.h>: where statx looks
/** As `fd`: relative paths begin at the working directory. */
export const AT_FDCWD = -100;
/** An empty path means the open file `fd` itself. */
export const AT_EMPTY_PATH = 0x1000;

const STATX_BASIC_STATS = 0x7ff;

/** What the kernel tells of a file: struct statx of <linux/stat.h>, without times, owner and blocks. */
export interface Statx {
  /** Type and permissions: inode(7). */
  readonly mode: number;
  /** Bytes. */
  readonly size: bigint;
  /** Unique on its device while the file exists. */
  readonly inode: bigint;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

/**
 * Looks at the file that a path leads to, and with AT_EMPTY_PATH and an empty path at the open file `fd`: statx(2).
 * @throws LinuxError
 * @throws TypeError where the path contains a NUL.
 */
export function statx(fd: number, path: string, flags: number): Statx {
  const bytes = new Uint8Array(new ArrayBuffer(256));
  check('statx', native.statx(fd, cString(path), flags, STATX_BASIC_STATS, bytes));
  const view = new DataView(bytes.buffer);
  return {
    mode: view.getUint16(28, true),
    size: view.getBigUint64(40, true),
    inode: view.getBigUint64(32, true),
    deviceMajor: view.getUint32(136, true),
    deviceMinor: view.getUint32(140, true),
  };
}
