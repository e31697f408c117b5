/**
 * A descriptor as the caller gave it. Both engines would read undefined or NaN as 0, and that is standard input.
 * @throws TypeError where it is no whole number.
 */
export function descriptor(fd: number): number {
  if ((fd | 0) !== fd) throw new TypeError(`${String(fd)} is no file descriptor: that is a whole number`);
  return fd;
}

/**
 * Keeps the kernel from reading beyond a buffer.
 * @throws RangeError where the buffer has fewer bytes than `length`, or `length` is no length.
 */
export function checkLength(length: number, buffer: Uint8Array): void {
  if (!(length >= 0 && length <= buffer.length))
    throw new RangeError(`length ${length} is not within the buffer's ${buffer.length} bytes`);
}
