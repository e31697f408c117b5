/** Both versions of the Internet Protocol, in the order in which the lab shows them. */
export const families = ['IPv4', 'IPv6'] as const;

export type Family = (typeof families)[number];

/** A value per family. A family without a value is not used. */
export type PerFamily<T> = { readonly [family in Family]?: T };

/** Makes a value for each family; `undefined` leaves the family out. */
export function perFamily<T>(make: (family: Family) => T | undefined): PerFamily<T> {
  const made = families.map(family => [family, make(family)] as const);
  return Object.fromEntries(made.filter(([, value]) => value !== undefined));
}
