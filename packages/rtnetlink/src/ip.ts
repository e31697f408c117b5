// IP addresses and prefixes in the text that objects have and requests take.

/** A family of IP addresses, as in the `family` of objects and requests, which may be another too (AF_*, socket(2)). */
export type IPFamily = 'inet' | 'inet6';

/** Both families, IPv4 first. */
export const ipFamilies: readonly IPFamily[] = ['inet', 'inet6'];

/** The prefix of all addresses of a family: the destination of a default route, the source of any packet. */
export const anywhere = { inet: '0.0.0.0/0', inet6: '::/0' } as const;

/** The family of an address or prefix. What is neither is not noticed: only IPv6 has colons (RFC 4291, section 2.2). */
export function familyOf(text: string): IPFamily {
  return text.includes(':') ? 'inet6' : 'inet';
}

/** The prefix of one address alone, of 32 or 128 bits. */
export function hostPrefix(address: string): string {
  return `${address}/${familyOf(address) === 'inet' ? 32 : 128}`;
}

/** The address without the length of its prefix, if it has one. */
export function withoutLength(text: string): string {
  const slash = text.indexOf('/');
  return slash < 0 ? text : text.slice(0, slash);
}
