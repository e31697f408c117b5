// Conversions between addresses and prefixes in text.
import { familyOf } from './family.ts';

/** The full-length prefix of one address: /32 or /128. */
export function hostPrefix(address: string): string {
  return `${address}/${familyOf(address) === 'inet' ? 32 : 128}`;
}

/** The address without its prefix length, if it has one. */
export function withoutLength(prefix: string): string {
  const slash = prefix.indexOf('/');
  return slash < 0 ? prefix : prefix.slice(0, slash);
}
