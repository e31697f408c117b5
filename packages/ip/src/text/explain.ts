import type { Family } from '../family.ts';
import { parseOctets } from './parse.ts';

/** The reason why `text` is not an address, or not one of `family`. */
export function explainAddress(text: string, family?: Family): string {
  if (text === '') return 'it is empty';
  if (text.includes('/')) return 'it has a prefix length';
  if (text.includes('%')) return 'it has a zone';
  return (family ?? (text.includes(':') ? 6 : 4)) === 6 ? explainIPv6(text) : explainIPv4(text);
}

function explainIPv4(text: string): string {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some(part => !/^\d+$/.test(part)))
    return 'it must be four decimal numbers with dots between them';
  const padded = parts.find(part => /^0\d/.test(part));
  if (padded !== undefined) return `${padded} has a leading zero`;
  return `${parts.find(part => Number(part) > 255)} is more than 255`;
}

function explainIPv6(text: string): string {
  const shape = 'it must be eight groups with colons between them, or fewer with one "::"';
  if (!text.includes(':')) return shape;
  const tail = text.slice(text.lastIndexOf(':') + 1);
  if (tail.includes('.') && parseOctets(tail) === undefined) return `in its IPv4 part, ${explainIPv4(tail)}`;
  const groups = text.slice(0, text.length - (tail.includes('.') ? tail.length : 0)).split(':');
  const odd = groups.find(group => group !== '' && !/^[\da-f]{1,4}$/i.test(group));
  if (odd !== undefined) return `${JSON.stringify(odd)} is not one to four hexadecimal digits`;
  if (text.indexOf('::') !== text.lastIndexOf('::')) return '"::" may stand only once';
  return shape;
}
