/**
 * A C string: UTF-8, terminated by a NUL.
 * @throws TypeError the text contains a NUL, where C would truncate it
 */
export function cString(text: string): Uint8Array {
  if (text.includes('\0')) throw new TypeError(`${JSON.stringify(text)} contains a NUL`);
  return new TextEncoder().encode(`${text}\0`);
}
