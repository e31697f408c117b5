/**
 * A file descriptor from the caller. Both engines would convert undefined and NaN to 0, which is standard input.
 * @throws TypeError it is not an integer
 */
export function descriptor(fd: number): number {
  if ((fd | 0) !== fd) throw new TypeError(`${String(fd)} is no file descriptor: that is a whole number`);
  return fd;
}

/**
 * Ensures that the kernel does not access memory beyond a buffer.
 * @throws RangeError `length` is negative, not a number, or greater than the buffer
 */
export function checkLength(length: number, buffer: Uint8Array): void {
  if (!(length >= 0 && length <= buffer.length))
    throw new RangeError(`length ${length} is not within the buffer's ${buffer.length} bytes`);
}
