/**
 * A string as C wants it: UTF-8, ended by a NUL.
 * @throws TypeError where the text contains a NUL, at which C would cut it off.
 */
export function cString(text: string): Uint8Array {
  if (text.includes('\0')) throw new TypeError(`${JSON.stringify(text)} contains a NUL`);
  return new TextEncoder().encode(`${text}\0`);
}
