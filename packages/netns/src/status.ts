import { AT_EMPTY_PATH, AT_FDCWD, statx } from '@spider/libc';

/** What tells one file from another, and a place to mount a namespace on from a namespace. */
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
