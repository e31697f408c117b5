import { check, libc } from './call.ts';
import { cString } from './string.ts';

// <fcntl.h>, those that are the same on x64 and arm64; node:fs constants has the rest
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

// <sys/file.h>
export const LOCK_EX = 2;
export const LOCK_UN = 8;

/**
 * Opens an existing file and returns its descriptor: open(2). Unlike node:fs it makes no garbage, which matters while
 * a thread visits another namespace. Add O_CLOEXEC to `flags`, or child processes inherit it.
 * @throws LinuxError
 * @throws TypeError where the path contains a NUL.
 */
export function open(path: string, flags: number): number {
  return check('open', libc.open(cString(path), flags));
}

/**
 * Closes a descriptor: close(2).
 * @throws LinuxError
 */
export function close(fd: number): void {
  check('close', libc.close(fd));
}

/**
 * Makes a request without argument to a device or special file and returns its answer: ioctl(2).
 * @throws LinuxError
 */
export function ioctl(fd: number, request: number): number {
  return check('ioctl', libc.ioctl(fd, request));
}

/**
 * Locks or unlocks an open file: flock(2).
 * @throws LinuxError
 */
export function flock(fd: number, operation: number): void {
  check('flock', libc.flock(fd, operation));
}
