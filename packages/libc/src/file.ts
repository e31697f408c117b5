import { check, interrupted, native } from './call.ts';
import { checkLength, descriptor } from './checks.ts';
import { cString } from './string.ts';

// <fcntl.h>: flags of open, as far as they are the same on x64 and arm64
/** For reading alone. */
export const O_RDONLY = 0;
/** For writing alone. */
export const O_WRONLY = 1;
/** For both. */
export const O_RDWR = 2;
/** Neither opening nor reading waits: EAGAIN where there is nothing. */
export const O_NONBLOCK = 0o4000;
/** Child processes do not get the descriptor. */
export const O_CLOEXEC = 0o2000000;

// <fcntl.h>: commands of fcntl
/** Asks for the descriptor's flags, of which there is FD_CLOEXEC. */
export const F_GETFD = 1;
/** Child processes do not get the descriptor. */
export const FD_CLOEXEC = 1;

// <sys/file.h>: operations of flock
/** Takes the lock for this open file alone; waits while another has it. */
export const LOCK_EX = 2;
/** Added to the operation: does not wait, but fails with EAGAIN. */
export const LOCK_NB = 4;

/**
 * Opens an existing file and returns its descriptor: open(2). Add O_CLOEXEC to `flags`, or child processes inherit it.
 * @throws LinuxError
 * @throws TypeError where the path contains a NUL.
 */
export function open(path: string, flags: number): number {
  return check('open', native.open(cString(path), flags, 0));
}

/**
 * Closes a descriptor: close(2).
 * @throws LinuxError
 */
export function close(fd: number): void {
  check('close', native.close(descriptor(fd)));
}

/**
 * Makes `target` refer to the open file of `fd`, in place of what it refers to: dup3(2). Of `flags` there is O_CLOEXEC.
 * @throws LinuxError
 */
export function dup3(fd: number, target: number, flags: number): void {
  check('dup3', native.dup3(descriptor(fd), descriptor(target), flags));
}

/**
 * Asks about a descriptor, by a command without argument, and returns the answer: fcntl(2).
 * @throws LinuxError
 */
export function fcntl(fd: number, command: number): number {
  return check('fcntl', native.fcntl(descriptor(fd), command));
}

/**
 * Reads into `buffer` and returns the number of bytes, 0 at the end: read(2). Goes on after a signal.
 * @throws LinuxError
 */
export function read(fd: number, buffer: Uint8Array): number {
  let count: number;
  do count = native.read(descriptor(fd), buffer, buffer.length);
  while (count === -1 && interrupted('read'));
  return count;
}

/**
 * Writes the first `length` bytes of `buffer` and returns how many were written: write(2). Goes on after a signal.
 * @throws LinuxError
 * @throws RangeError where the buffer has fewer than `length` bytes.
 */
export function write(fd: number, buffer: Uint8Array, length: number): number {
  checkLength(length, buffer);
  let count: number;
  do count = native.write(descriptor(fd), buffer, length);
  while (count === -1 && interrupted('write'));
  return count;
}

/**
 * Reads into `buffer` from byte `offset` of the file and returns the number of bytes: pread(2). Goes on after a signal.
 * @throws LinuxError
 */
export function pread(fd: number, buffer: Uint8Array, offset: number): number {
  let count: number;
  do count = native.pread(descriptor(fd), buffer, buffer.length, offset);
  while (count === -1 && interrupted('pread'));
  return count;
}

/**
 * Writes the first `length` bytes of `buffer` to byte `offset` of the file and returns how many were written: pwrite(2).
 * Goes on after a signal.
 * @throws LinuxError
 * @throws RangeError where the buffer has fewer than `length` bytes.
 */
export function pwrite(fd: number, buffer: Uint8Array, length: number, offset: number): number {
  checkLength(length, buffer);
  let count: number;
  do count = native.pwrite(descriptor(fd), buffer, length, offset);
  while (count === -1 && interrupted('pwrite'));
  return count;
}

/**
 * Makes a request without argument to a special file and returns the answer: ioctl(2).
 * @throws LinuxError
 */
export function ioctl(fd: number, request: number): number {
  return check('ioctl', native.ioctl(descriptor(fd), request));
}

/**
 * Locks or unlocks an open file: flock(2). Goes on after a signal.
 * @throws LinuxError
 */
export function flock(fd: number, operation: number): void {
  while (native.flock(descriptor(fd), operation) === -1 && interrupted('flock'));
}
