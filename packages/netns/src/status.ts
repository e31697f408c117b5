import { AT_EMPTY_PATH, AT_FDCWD, statx } from '@spider/libc';

/** Identifies a file, and distinguishes a namespace from an empty file to mount a namespace on. */
export interface FileStatus {
  /** Device and inode, `major:minor:inode`. No two existing files have the same. */
  readonly id: string;
  /** Whether it is a regular file of size 0. */
  readonly isEmptyFile: boolean;
}

/** Status of an open file. */
export function statusOf(fd: number): FileStatus {
  return look(fd, '', AT_EMPTY_PATH);
}

/** Status of the file that a path refers to. */
export function statusAt(path: string): FileStatus {
  return look(AT_FDCWD, path, 0);
}

// inode(7)
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

function look(fd: number, path: string, flags: number): FileStatus {
  const { mode, size, inode, deviceMajor, deviceMinor } = statx(fd, path, flags);
  return {
    id: `${deviceMajor}:${deviceMinor}:${inode}`,
    isEmptyFile: (mode & S_IFMT) === S_IFREG && size === 0n,
  };
}
