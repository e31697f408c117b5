// Parses addresses in canonical text, which is the most frequent form. The result is formatted again and compared with the
// input, so nothing else is accepted. Other forms are left to ipaddr.js, which takes longer to load than this package.
import { formatGroups } from './format.ts';

/** The four octets of an IPv4 address in canonical text; undefined for any other text. */
export function canonicalOctets(text: string): number[] | undefined {
  const octets: number[] = [];
  for (const octet of text.split('.')) octets.push(Number(octet));
  return octets.length === 4 && areUpTo(255, octets) && octets.join('.') === text ? octets : undefined;
}

/** The eight 16-bit groups of an IPv6 address in canonical text without a dotted part; undefined for any other text. */
export function canonicalGroups(text: string): number[] | undefined {
  const gap = text.indexOf('::');
  const groups = hexadecimals(gap < 0 ? text : text.slice(0, gap));
  if (gap >= 0) {
    const tail = hexadecimals(text.slice(gap + 2));
    while (groups.length + tail.length < 8) groups.push(0);
    groups.push(...tail);
  }
  return groups.length === 8 && areUpTo(0xffff, groups) && formatGroups(groups) === text ? groups : undefined;
}

function hexadecimals(text: string): number[] {
  const numbers: number[] = [];
  if (text !== '') for (const group of text.split(':')) numbers.push(Number.parseInt(group, 16));
  return numbers;
}

function areUpTo(most: number, numbers: readonly number[]): boolean {
  for (const number of numbers) if (!(number >= 0 && number <= most)) return false;
  return true;
}
