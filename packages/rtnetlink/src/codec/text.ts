// Converts addresses between bytes and text. The formatters run once per address of a list, so they use tables and make no
// intermediate arrays. The parsers are strict: no leading zeros, no short forms, no zones.

// Filled on demand, because a short run needs few of the 256 bytes.
const numbers: string[] = new Array(256);
const pairs: string[] = new Array(256);

/** `7` */
function number(byte: number): string {
  numbers[byte] ??= String(byte);
  return numbers[byte];
}

// In a list, successive addresses usually have the same first three bytes. This hash table keeps the text of these bytes,
// one text per slot.
const places = 256;
const keys = new Int32Array(places).fill(-1);
const heads: string[] = new Array(places);

/** `10.0.7.` */
function head(bytes: Uint8Array, at: number): string {
  const key = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const place = (key ^ (key >> 8) ^ (key >> 16)) & (places - 1);
  if (keys[place] !== key) {
    keys[place] = key;
    heads[place] = `${number(key >> 16)}.${number((key >> 8) & 255)}.${number(key & 255)}.`;
  }
  return heads[place]!;
}

/** `07` */
function pair(byte: number): string {
  pairs[byte] ??= (byte < 16 ? '0' : '') + byte.toString(16);
  return pairs[byte];
}

/**
 * The text of an address of 4 bytes (IPv4) or 16 bytes (IPv6, RFC 5952).
 * @throws RangeError another length.
 */
export function formatAddress(bytes: Uint8Array, at: number, length: number): string {
  if (length === 4) return head(bytes, at) + number(bytes[at + 3]!);
  if (length === 16) return formatAddress6(bytes, at);
  throw new RangeError(`an IP address has 4 or 16 bytes, not ${length}`);
}

function formatAddress6(bytes: Uint8Array, at: number): string {
  if (isMapped(bytes, at)) return `::ffff:${formatAddress(bytes, at + 12, 4)}`;
  // RFC 5952 section 4.2: "::" replaces the longest run of two or more zero groups, the first one if several are equal.
  let cutStart = -1;
  let cutEnd = -1;
  for (let group = 0; group < 8; ) {
    let end = group;
    while (end < 8 && bytes[at + 2 * end] === 0 && bytes[at + 2 * end + 1] === 0) end++;
    if (end - group > 1 && end - group > cutEnd - cutStart) {
      cutStart = group;
      cutEnd = end;
    }
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

/**
 * The bytes of an IPv4 or IPv6 address.
 * @throws RangeError the text is not an address.
 */
export function parseAddress(text: string): Uint8Array {
  const bytes = typeof text === 'string' && (text.includes(':') ? parseAddress6(text) : parseAddress4(text));
  if (!bytes) throw new RangeError(`not an IP address: ${quote(text)}`);
  return bytes;
}

/**
 * The address and the length of a prefix. Without a length the text is a single address.
 * @throws RangeError the text is not a prefix.
 */
export function parsePrefix(text: string): { bytes: Uint8Array; length: number } {
  const slash = typeof text === 'string' ? text.indexOf('/') : -1;
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  const bits = 8 * bytes.length;
  const length = slash < 0 ? bits : decimal(text.slice(slash + 1), bits);
  if (Number.isNaN(length)) throw new RangeError(`not a prefix: ${quote(text)}: the length must be 0 to ${bits}`);
  return { bytes, length };
}

/** A whole number of at most `max` in decimal digits, without leading zeros; NaN if the text is none. */
function decimal(text: string, max: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 && value <= max && String(value) === text ? value : Number.NaN;
}

/** What addresses in hexadecimal digits are made of. */
const hexadecimal = /^[0-9a-fA-F:.]+$/;

function parseAddress4(text: string): Uint8Array | undefined {
  const fields = text.split('.');
  const bytes = new Uint8Array(4);
  for (let i = 0; i < fields.length; i++) {
    const value = decimal(fields[i]!, 255);
    if (Number.isNaN(value)) return undefined;
    bytes[i] = value;
  }
  return fields.length === 4 ? bytes : undefined;
}

/** The bytes of an IPv6 address; undefined if the text is none. */
export function parseAddress6(text: string): Uint8Array | undefined {
  if (!hexadecimal.test(text)) return undefined;
  const fields = text.split(':');
  const last = fields.length - 1;
  // "::" at either end makes two empty fields, of which the outer one means nothing.
  const first = text.startsWith('::') ? 1 : 0;
  const end = text.endsWith('::') ? last : fields.length;
  const bytes = new Uint8Array(16);
  let count = 0;
  /** Number of bytes before "::"; -1 if there has been none. */
  let cut = -1;
  for (let i = first; i < end; i++) {
    const field = fields[i]!;
    if (field === '') {
      if (cut >= 0 || i === 0 || i === last) return undefined;
      cut = count;
    } else if (i === last && field.includes('.')) {
      // The last groups may be an IPv4 address.
      const embedded = count > 12 ? undefined : parseAddress4(field);
      if (!embedded) return undefined;
      bytes.set(embedded, count);
      count += 4;
    } else {
      const group = field.length > 4 ? Number.NaN : Number(`0x${field}`);
      if (Number.isNaN(group)) return undefined;
      // More than sixteen bytes are only counted.
      bytes[count++] = group >> 8;
      bytes[count++] = group;
    }
  }
  if (cut < 0) return count === 16 ? bytes : undefined;
  // "::" stands for at least one group (RFC 4291 section 2.2).
  if (count > 14) return undefined;
  const tail = 16 - (count - cut);
  bytes.copyWithin(tail, cut, count).fill(0, cut, tail);
  return bytes;
}

/**
 * The text of a link-layer address of any length: hexadecimal bytes with colons. Only tunnels over IPv4 have addresses of
 * 4 bytes (IrDA, which had too, left Linux 4.17).
 */
export function formatLinkAddress(bytes: Uint8Array, at: number, length: number): string {
  if (length === 4) return formatAddress(bytes, at, length);
  let text = '';
  for (let i = 0; i < length; i++) text += i === 0 ? pair(bytes[at]!) : `:${pair(bytes[at + i]!)}`;
  return text;
}

/**
 * The bytes of a link-layer address.
 * @throws RangeError the text is not a link-layer address.
 */
export function parseLinkAddress(text: string): Uint8Array {
  const ofTunnel = typeof text === 'string' && text.includes('.') && parseAddress4(text);
  if (ofTunnel) return ofTunnel;
  const fields = typeof text === 'string' && hexadecimal.test(text) ? text.split(':') : [''];
  const bytes = new Uint8Array(fields.length);
  for (let i = 0; i < fields.length; i++) {
    const value = fields[i]!.length === 2 ? Number(`0x${fields[i]}`) : Number.NaN;
    if (Number.isNaN(value)) throw new RangeError(`not a link-layer address: ${quote(text)}`);
    bytes[i] = value;
  }
  return bytes;
}

/** A refused value, as error messages show it. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'an object' : String(value);
}
