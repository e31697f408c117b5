// IP addresses as Go's net package reads and writes them, because that is what every other plugin does.

import { consistsOf, isDigit, isHexDigit } from '../characters.ts';

/** 4 bytes of IPv4 or 8 groups of IPv6. An IPv4-mapped IPv6 address is an IPv4 address. */
type IP =
  | { readonly version: 4; readonly parts: readonly number[] }
  | { readonly version: 6; readonly parts: readonly number[] };

/** The address in canonical form (RFC 5952), or undefined where it is none. No prefix, no zone. */
export function canonicalIP(text: string): string | undefined {
  const ip = parseIP(text);
  return ip && format(ip);
}

/** An address with prefix length in canonical form, host bits kept; undefined where it is none. */
export function canonicalCIDR(text: string): string | undefined {
  const slash = text.indexOf('/');
  const ip = parseIP(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (slash < 0 || !ip || !consistsOf(length, isDigit)) return undefined;
  const written = text.slice(0, slash).includes(':') ? 128 : 32;
  const prefix = Number(length);
  if (prefix > written) return undefined;
  // The mask of an IPv4-mapped address covers the mapping too.
  return `${format(ip)}/${ip.version === 4 && written === 128 ? Math.max(0, prefix - 96) : prefix}`;
}

/** The IP version of an address in canonical form. */
export function versionOf(canonical: string): '4' | '6' {
  return canonical.includes(':') ? '6' : '4';
}

function parseIP(text: string): IP | undefined {
  if (!text.includes(':')) {
    const parts = parseIPv4(text);
    return parts && { version: 4, parts };
  }
  const parts = parseIPv6(text);
  if (!parts) return undefined;
  const mapped = parts.slice(0, 6).join() === '0,0,0,0,0,65535';
  return mapped
    ? { version: 4, parts: parts.slice(6).flatMap(part => [part >> 8, part & 255]) }
    : { version: 6, parts };
}

function parseIPv4(text: string): number[] | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  const parts: number[] = [];
  for (const octet of octets) {
    if (!isOctet(octet)) return undefined;
    parts.push(Number(octet));
  }
  return parts;
}

/** No leading zeros: other programs would read them as octal. */
function isOctet(text: string): boolean {
  return consistsOf(text, isDigit) && String(Number(text)) === text && Number(text) < 256;
}

function parseIPv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  if (!tail || head.length + tail.length > 7) return undefined;
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const parts: number[] = [];
  for (let index = 0; index < groups.length; index++) {
    const group = groups[index]!;
    const v4 = last && index === groups.length - 1 && group.includes('.') ? parseIPv4(group) : undefined;
    if (v4) parts.push(v4[0]! * 256 + v4[1]!, v4[2]! * 256 + v4[3]!);
    else if (group.length <= 4 && consistsOf(group, isHexDigit)) parts.push(Number.parseInt(group, 16));
    else return undefined;
  }
  return parts;
}

function format({ version, parts }: IP): string {
  if (version === 4) return parts.join('.');
  const { start, length } = longestZeros(parts);
  const hex = (groups: readonly number[]) => groups.map(group => group.toString(16)).join(':');
  return length < 2 ? hex(parts) : `${hex(parts.slice(0, start))}::${hex(parts.slice(start + length))}`;
}

/** The longest run of zero groups, the first of several. */
function longestZeros(parts: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0, end = 0; start < parts.length; start = end + 1) {
    for (end = start; parts[end] === 0; ) end++;
    if (end - start > longest.length) longest = { start, length: end - start };
  }
  return longest;
}
