/** Both versions of the Internet Protocol, in the order in which the lab shows them. */
export const families = ['IPv4', 'IPv6'] as const;

export type Family = (typeof families)[number];

/** Something of each family. One that is left out is not used. */
export type PerFamily<T> = { readonly [family in Family]?: T };

/** Makes something of each family; `undefined` leaves it out. */
export function perFamily<T>(make: (family: Family) => T | undefined): PerFamily<T> {
  const made = families.map(family => [family, make(family)] as const);
  return Object.fromEntries(made.filter(([, value]) => value !== undefined));
}
