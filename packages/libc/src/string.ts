declare const terminated: unique symbol;

/** A string as C wants it: UTF-8, ended by a NUL. */
export type CString = Uint8Array & { readonly [terminated]: true };

/**
 * Makes a C string.
 * @throws TypeError where the text contains a NUL, at which C would cut it off.
 */
export function cString(text: string): CString {
  if (text.includes('\0')) throw new TypeError(`${JSON.stringify(text)} contains a NUL`);
  return new TextEncoder().encode(`${text}\0`) as Uint8Array as CString;
}
