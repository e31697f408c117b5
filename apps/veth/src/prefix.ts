// Addresses, and prefixes of one address, in text.
import { familyOf } from './family.ts';

/** The prefix of one address alone: /32 or /128. */
export function hostPrefix(address: string): string {
  return `${address}/${familyOf(address) === 'inet' ? 32 : 128}`;
}

/** The address without the length of its prefix, where it has any. */
export function bare(prefix: string): string {
  const slash = prefix.indexOf('/');
  return slash < 0 ? prefix : prefix.slice(0, slash);
}
