// Text without regular expressions and encoders: making one costs a short-lived process more than using it.

/** Whether every character of a non-empty text is in the class. */
export function consistsOf(text: string, isMember: (code: number) => boolean): boolean {
  for (let index = 0; index < text.length; index++) {
    if (!isMember(text.charCodeAt(index))) return false;
  }
  return text !== '';
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** 0–9 */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** 0–9, a–f, A–F */
export function isHexDigit(code: number): boolean {
  return isDigit(code) || isBetween(code | 0x20, 0x61, 0x66);
}

/** 0–9, a–z, A–Z */
export function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isBetween(code | 0x20, 0x61, 0x7a);
}

/** White space as Go's unicode.IsSpace knows it. JavaScript's `\s` has U+FEFF and lacks U+0085. */
export function isSpace(code: number): boolean {
  return isBetween(code, 0x09, 0x0d) || isBetween(code, 0x2000, 0x200a) || spaces.includes(code);
}

const spaces = [0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000];

function isBetween(code: number, first: number, last: number): boolean {
  return code >= first && code <= last;
}
