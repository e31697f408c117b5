// Text to numbers. ipaddr.js reads the numbers; what it is too lenient about is refused here: octal, hexadecimal and
// short IPv4 forms, zones, and "::1.2.3.4", which it takes for an IPv4-mapped address.
import ipaddr from 'ipaddr.js';

const dottedQuad = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/;
const hexadecimalGroups = /^[\da-f:]{2,39}$/i;

/** The four octets that `text` spells, or undefined. */
export function parseOctets(text: string): number[] | undefined {
  if (!dottedQuad.test(text)) return undefined;
  try {
    return ipaddr.IPv4.parse(text).octets;
  } catch {
    return undefined;
  }
}

/** The eight 16-bit groups that `text` spells, or undefined. */
export function parseGroups(text: string): number[] | undefined {
  const hexadecimal = text.includes('.') ? withoutDottedTail(text) : text;
  if (hexadecimal === undefined || !hexadecimalGroups.test(hexadecimal)) return undefined;
  try {
    return ipaddr.IPv6.parse(hexadecimal).parts;
  } catch {
    return undefined;
  }
}

/** RFC 4291 section 2.2, form 3: the last two groups may be written as an IPv4 address. */
function withoutDottedTail(text: string): string | undefined {
  const tail = text.lastIndexOf(':') + 1;
  const octets = parseOctets(text.slice(tail));
  if (octets === undefined) return undefined;
  const [a, b, c, d] = octets as [number, number, number, number];
  return `${text.slice(0, tail)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** The number from 0 to `most` that `digits` spells in decimal without leading zeros, or undefined. */
export function parseDecimal(digits: string, most: number): number | undefined {
  const number = Number(digits);
  return Number.isInteger(number) && number >= 0 && number <= most && String(number) === digits ? number : undefined;
}
