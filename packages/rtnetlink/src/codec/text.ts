// Addresses between bytes and text. The formatters run once per address of a dump, so they are table-driven and build
// no intermediate arrays; the parsers are strict (no leading zeros, no short forms, no zones).

const decimal = Array.from({ length: 256 }, (_, byte) => String(byte));
const dotted = decimal.map(text => `${text}.`);
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The text of a 4-byte (IPv4) or 16-byte (IPv6, RFC 5952) address. */
export function formatAddress(bytes: Uint8Array, at: number, length: number): string {
  if (length === 4)
    return dotted[bytes[at]!]! + dotted[bytes[at + 1]!]! + dotted[bytes[at + 2]!]! + decimal[bytes[at + 3]!]!;
  if (length === 16) return formatAddress6(bytes, at);
  throw new RangeError(`an IP address has 4 or 16 bytes, not ${length}`);
}

function formatAddress6(bytes: Uint8Array, at: number): string {
  if (isMapped(bytes, at)) return `::ffff:${formatAddress(bytes, at + 12, 4)}`;
  // RFC 5952 section 4.2: the longest run of two or more zero groups is cut, the first of equals.
  let cutStart = -1;
  let cutEnd = -1;
  for (let group = 0; group < 8; ) {
    let end = group;
    while (end < 8 && bytes[at + 2 * end] === 0 && bytes[at + 2 * end + 1] === 0) end++;
    if (end - group > 1 && end - group > cutEnd - cutStart) [cutStart, cutEnd] = [group, end];
    group = Math.max(end, group + 1);
  }
  let text = '';
  for (let group = 0; group < 8; group++) {
    if (group === cutStart) {
      text += '::';
      group = cutEnd - 1;
      continue;
    }
    if (group > 0 && group !== cutEnd) text += ':';
    text += ((bytes[at + 2 * group]! << 8) | bytes[at + 2 * group + 1]!).toString(16);
  }
  return text;
}

function isMapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}

/** The bytes of an IPv4 or IPv6 address in text. Throws RangeError. */
export function parseAddress(text: string): Uint8Array {
  const parse = String(text).includes(':') ? parseAddress6 : parseAddress4;
  const bytes = typeof text === 'string' && parse(text);
  if (!bytes) throw new RangeError(`not an IP address: ${quote(text)}`);
  return bytes;
}

function parseAddress4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseAddress6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, i) => parseGroups(half, i === halves.length - 1));
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const length = head.length + (tail?.length ?? 0);
  // "::" stands for at least one group (RFC 4291 section 2.2).
  if (tail ? length > 14 : length !== 16) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head);
  if (tail) bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The bytes of groups with colons between them. The last groups of an address may be an IPv4 address. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (last && i === parts.length - 1 && part.includes('.')) {
      const embedded = parseAddress4(part);
      if (!embedded) return undefined;
      bytes.push(...embedded);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
    } else return undefined;
  }
  return bytes;
}

/** The text of a link-layer address: hexadecimal bytes with colons, of any length. */
export function formatLinkAddress(bytes: Uint8Array, at: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += i === 0 ? hex[bytes[at]!] : `:${hex[bytes[at + i]!]}`;
  return text;
}

/** The bytes of a link-layer address in text. Throws RangeError. */
export function parseLinkAddress(text: string): Uint8Array {
  if (typeof text !== 'string' || !/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*$/.test(text))
    throw new RangeError(`not a link-layer address: ${quote(text)}`);
  return Uint8Array.from(text.split(':'), part => Number.parseInt(part, 16));
}

/** A refused value as it is named in errors. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'an object' : String(value);
}
