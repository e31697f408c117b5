import { familyOf } from '../facts.ts';

/** The prefix of one address alone: /32 or /128. */
export function hostPrefix(address: string): string {
  return `${address}/${familyOf(address) === 'inet' ? 32 : 128}`;
}
