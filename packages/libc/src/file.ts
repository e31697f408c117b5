import { check, interrupted, native } from './call.ts';
import { checkLength, descriptor } from './checks.ts';
import { cString } from './string.ts';

// <fcntl.h>: flags of open that are the same on x64 and arm64
/** Opens for reading only. */
export const O_RDONLY = 0;
/** Opens for writing only. */
export const O_WRONLY = 1;
/** Opens for reading and writing. */
export const O_RDWR = 2;
/** Opening and reading do not block; reading fails with EAGAIN if nothing is available. */
export const O_NONBLOCK = 0o4000;
/** Child processes do not inherit the descriptor (close-on-exec). */
export const O_CLOEXEC = 0o2000000;

// <fcntl.h>: commands of fcntl
/** Returns the flags of the descriptor; FD_CLOEXEC is the only one. */
export const F_GETFD = 1;
/** Child processes do not inherit the descriptor (close-on-exec). */
export const FD_CLOEXEC = 1;

// <sys/file.h>: operations of flock
/** Takes an exclusive lock; waits while another open file has a lock. */
export const LOCK_EX = 2;
/** Added to the operation: fails with EAGAIN instead of waiting. */
export const LOCK_NB = 4;

/**
 * Opens an existing file and returns its file descriptor: open(2). Without O_CLOEXEC in `flags`, child processes inherit
 * it.
 * @throws LinuxError
 * @throws TypeError the path contains a NUL
 */
export function open(path: string, flags: number): number {
  return check('open', native.open(cString(path), flags, 0));
}

/**
 * Closes a file descriptor: close(2).
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function close(fd: number): void {
  check('close', native.close(descriptor(fd)));
}

/**
 * Makes `target` refer to the open file of `fd`; the file that it referred to is closed: dup3(2). `flags` is 0 or
 * O_CLOEXEC.
 * @throws LinuxError EINVAL: `fd` and `target` are equal
 * @throws TypeError `fd` or `target` is not an integer
 */
export function dup3(fd: number, target: number, flags: number): void {
  check('dup3', native.dup3(descriptor(fd), descriptor(target), flags));
}

/**
 * Executes a command without argument on a file descriptor and returns its result: fcntl(2).
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function fcntl(fd: number, command: number): number {
  return check('fcntl', native.fcntl(descriptor(fd), command));
}

/**
 * Reads into `buffer` and returns the number of bytes, 0 at the end of the file: read(2). Repeated after a signal.
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function read(fd: number, buffer: Uint8Array): number {
  let count: number;
  do count = native.read(descriptor(fd), buffer, buffer.length);
  while (count === -1 && interrupted('read'));
  return count;
}

/**
 * Writes the first `length` bytes of `buffer` and returns the number of bytes written: write(2). Repeated after a signal.
 * @throws LinuxError
 * @throws RangeError the buffer has fewer than `length` bytes
 * @throws TypeError `fd` is not an integer
 */
export function write(fd: number, buffer: Uint8Array, length: number): number {
  checkLength(length, buffer);
  let count: number;
  do count = native.write(descriptor(fd), buffer, length);
  while (count === -1 && interrupted('write'));
  return count;
}

/**
 * Reads into `buffer` from byte `offset` of the file and returns the number of bytes: pread(2). Repeated after a signal.
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function pread(fd: number, buffer: Uint8Array, offset: number): number {
  let count: number;
  do count = native.pread(descriptor(fd), buffer, buffer.length, offset);
  while (count === -1 && interrupted('pread'));
  return count;
}

/**
 * Writes the first `length` bytes of `buffer` to byte `offset` of the file and returns the number of bytes written:
 * pwrite(2). Repeated after a signal.
 * @throws LinuxError
 * @throws RangeError the buffer has fewer than `length` bytes
 * @throws TypeError `fd` is not an integer
 */
export function pwrite(fd: number, buffer: Uint8Array, length: number, offset: number): number {
  checkLength(length, buffer);
  let count: number;
  do count = native.pwrite(descriptor(fd), buffer, length, offset);
  while (count === -1 && interrupted('pwrite'));
  return count;
}

/**
 * Sends a request without argument to a file and returns its result: ioctl(2).
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function ioctl(fd: number, request: number): number {
  return check('ioctl', native.ioctl(descriptor(fd), request));
}

/**
 * Locks or unlocks an open file: flock(2). Repeated after a signal.
 * @throws LinuxError EAGAIN: with LOCK_NB, another open file has a lock
 * @throws TypeError `fd` is not an integer
 */
export function flock(fd: number, operation: number): void {
  while (native.flock(descriptor(fd), operation) === -1 && interrupted('flock'));
}
