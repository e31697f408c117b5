// Text to numbers and back. ipaddr.js reads the numbers; what it is too lenient about is refused here: octal,
// hexadecimal and short IPv4 forms, zones, and "::1.2.3.4", which it takes for an IPv4-mapped address.
import ipaddr from 'ipaddr.js';

const dottedQuad = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/;
const hextets = /^[\da-f:]{2,39}$/i;

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
  if (hexadecimal === undefined || !hextets.test(hexadecimal)) return undefined;
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
  if (tail === 0 || octets === undefined) return undefined;
  const [a, b, c, d] = octets as [number, number, number, number];
  return `${text.slice(0, tail)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** Says why `text` is no address. */
export function explainAddress(text: string): string {
  if (text === '') return 'it is empty';
  if (text.includes('/')) return 'it has a prefix length';
  if (text.includes('%')) return 'it has a zone';
  return text.includes(':') ? explainIPv6(text) : explainIPv4(text);
}

function explainIPv4(text: string): string {
  const parts = text.split('.');
  const odd = parts.find(part => !/^\d+$/.test(part));
  if (parts.length !== 4 || odd !== undefined) return 'it must be four decimal numbers with dots between them';
  const padded = parts.find(part => /^0\d/.test(part));
  if (padded !== undefined) return `${padded} has a leading zero`;
  return `${parts.find(part => Number(part) > 255)} is more than 255`;
}

function explainIPv6(text: string): string {
  const tail = text.slice(text.lastIndexOf(':') + 1);
  if (tail.includes('.') && parseOctets(tail) === undefined) return explainIPv4(tail);
  const groups = text.split(':').filter(group => group !== '' && !group.includes('.'));
  const odd = groups.find(group => !/^[\da-f]{1,4}$/i.test(group));
  if (odd !== undefined) return `${JSON.stringify(odd)} is not one to four hexadecimal digits`;
  if (text.indexOf('::') !== text.lastIndexOf('::')) return '"::" may stand only once';
  return 'it must be eight groups with colons between them, or fewer and one "::"';
}

/** RFC 5952: lower case, no leading zeros, the longest run of zero groups (the first of equals) as "::". */
export function formatGroups(groups: readonly number[]): string {
  let start = -1;
  let longest = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > longest) {
      start = i;
      longest = end - i;
    }
    i = end;
  }
  if (start < 0) return joinGroups(groups, 0, 8);
  return `${joinGroups(groups, 0, start)}::${joinGroups(groups, start + longest, 8)}`;
}

function joinGroups(groups: readonly number[], from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += (i === from ? '' : ':') + groups[i]!.toString(16);
  return text;
}
