// Converts text to numbers. Addresses that are not canonical are parsed by ipaddr.js, whose lenient forms are refused here.
import { ipaddrJs } from '#ipaddr.js';
import { canonicalGroups, canonicalOctets } from './canonical.ts';

/** The four octets of an IPv4 address; undefined if the text is not one. */
export function parseOctets(text: string): number[] | undefined {
  const canonical = canonicalOctets(text);
  if (canonical) return canonical;
  const { IPv4 } = ipaddrJs();
  const octets = attempt(() => IPv4.parse(text).octets);
  // ipaddr.js accepts octal, hexadecimal and short forms too, which differ from the formatted result.
  return octets?.join('.') === text ? octets : undefined;
}

/** The eight 16-bit groups of an IPv6 address; undefined if the text is not one. */
export function parseGroups(text: string): number[] | undefined {
  const canonical = canonicalGroups(text);
  if (canonical) return canonical;
  // ipaddr.js accepts zones too.
  if (text.includes('%')) return undefined;
  const hexadecimal = text.includes('.') ? withoutDottedTail(text) : text;
  const { IPv6 } = ipaddrJs();
  return hexadecimal === undefined ? undefined : attempt(() => IPv6.parse(hexadecimal).parts);
}

/**
 * RFC 4291 section 2.2, form 3: the last two groups may be written as an IPv4 address. ipaddr.js would accept lenient
 * forms of it, and confuses the IPv4-compatible `::1.2.3.4` with the IPv4-mapped `::ffff:1.2.3.4`.
 */
function withoutDottedTail(text: string): string | undefined {
  const tail = text.lastIndexOf(':') + 1;
  const octets = parseOctets(text.slice(tail));
  if (octets === undefined) return undefined;
  const [a, b, c, d] = octets as [number, number, number, number];
  return `${text.slice(0, tail)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** ipaddr.js throws if the text is not an address. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** A decimal number from 0 to `most` without leading zeros; undefined if the text is not one. */
export function parseDecimal(digits: string, most: number): number | undefined {
  const number = Number(digits);
  return Number.isInteger(number) && number >= 0 && number <= most && String(number) === digits ? number : undefined;
}
