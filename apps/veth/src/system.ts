// The skeleton's system calls, by libc: the plugin loads that in any case, and node:fs would cost a third of an empty
// program's start.
import type { System } from '@spider/cni-skel';
import { AT_FDCWD, read, statx, write } from '@spider/libc';

export const system: System = {
  read,
  write: (fd, bytes) => write(fd, bytes, bytes.length),
  identify(path) {
    const { deviceMajor, deviceMinor, inode } = statx(AT_FDCWD, path, 0);
    return { device: (BigInt(deviceMajor) << 32n) | BigInt(deviceMinor), inode };
  },
};
