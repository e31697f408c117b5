import { check, native } from './call.ts';
import { cString } from './string.ts';

// <fcntl.h>: values of `fd` and `flags` of statx
/** As `fd`: relative paths start at the working directory. */
export const AT_FDCWD = -100;
/** Flag: an empty path refers to the open file `fd` itself. */
export const AT_EMPTY_PATH = 0x1000;

const STATX_BASIC_STATS = 0x7ff;

/** Status of a file: struct statx of <linux/stat.h>, without times, owner and blocks. */
export interface Statx {
  /** File type and permissions: inode(7). */
  readonly mode: number;
  /** Size in bytes. */
  readonly size: bigint;
  /** Inode number, unique on the device while the file exists. */
  readonly inode: bigint;
  /** Major number of the device that contains the file. */
  readonly deviceMajor: number;
  /** Minor number of that device. */
  readonly deviceMinor: number;
}

/**
 * Status of the file that a path refers to, or, with AT_EMPTY_PATH and an empty path, of the open file `fd`: statx(2).
 * @throws LinuxError
 * @throws TypeError the path contains a NUL
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
