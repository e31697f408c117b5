// The two families of addresses, by rtnetlink(7)'s names.

export type Family = 'inet' | 'inet6';
export const families: readonly Family[] = ['inet', 'inet6'];
/** The prefix of everything: the destination of a default route, the source of any packet. */
export const anywhere = { inet: '0.0.0.0/0', inet6: '::/0' } as const;

/** The family of an address or prefix in text. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 'inet6' : 'inet';
}
