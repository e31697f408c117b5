// Addresses as this package writes them, which is how most are written. What is read here is written again and compared, so
// nothing else is taken for an address. The rest is for ipaddr.js to read, which takes longer to load than all of this.
import { formatGroups } from './format.ts';

/** The four octets of an IPv4 address in canonical text, or undefined. */
export function canonicalOctets(text: string): number[] | undefined {
  const octets = text.split('.').map(Number);
  return octets.length === 4 && areUpTo(255, octets) && octets.join('.') === text ? octets : undefined;
}

/** The eight 16-bit groups of an IPv6 address in canonical text without a dotted tail, or undefined. */
export function canonicalGroups(text: string): number[] | undefined {
  const [head = [], tail] = text.split('::').map(hexadecimals);
  const zeros = tail && Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0);
  const groups = zeros ? [...head, ...zeros, ...tail] : head;
  return groups.length === 8 && areUpTo(0xffff, groups) && formatGroups(groups) === text ? groups : undefined;
}

function hexadecimals(text: string): number[] {
  return text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16));
}

function areUpTo(most: number, numbers: readonly number[]): boolean {
  for (const number of numbers) if (!(number >= 0 && number <= most)) return false;
  return true;
}
