import { AT_EMPTY_PATH, AT_FDCWD, STATX_BASIC_STATS, statx } from '@spider/libc';

/** What statx(2) tells of a file. */
export interface FileStatus {
  /** Device and inode, which no two files have in common while they exist: `major:minor:inode`. */
  readonly id: string;
  readonly isEmptyFile: boolean;
}

/** Looks at an open file. */
export function statusOf(fd: number): FileStatus {
  return look(fd, '', AT_EMPTY_PATH);
}

/** Looks at the file that a path leads to. */
export function statusAt(path: string): FileStatus {
  return look(AT_FDCWD, path, 0);
}

// struct statx of <linux/stat.h>
const size = 256;
const offsetOf = { mode: 28, inode: 32, size: 40, deviceMajor: 136, deviceMinor: 140 };
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

function look(fd: number, path: string, flags: number): FileStatus {
  const bytes = new Uint8Array(size);
  statx(fd, path, flags, STATX_BASIC_STATS, bytes);
  const view = new DataView(bytes.buffer);
  const major = view.getUint32(offsetOf.deviceMajor, true);
  const minor = view.getUint32(offsetOf.deviceMinor, true);
  return {
    id: `${major}:${minor}:${view.getBigUint64(offsetOf.inode, true)}`,
    isEmptyFile:
      (view.getUint16(offsetOf.mode, true) & S_IFMT) === S_IFREG && view.getBigUint64(offsetOf.size, true) === 0n,
  };
}
