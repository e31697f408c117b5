// The names that the plugin's successors in Go gave to the same keys: their configurations work here as they are.

export interface Alias {
  readonly key: string;
  /** The value in our terms, where it differs. */
  readonly translate?: (value: unknown) => unknown;
}

export const aliases: Readonly<Record<string, Alias>> = {
  overlay_hijack_subnet: { key: 'cluster_cidr' },
  service_hijack_subnet: { key: 'service_cidr' },
  additional_hijack_subnet: { key: 'additional_cidr' },
  mac_prefix: { key: 'hardware_prefix' },
  only_op_mac: { key: 'only_hardware' },
  skip_call: { key: 'skip' },
  // -1 automatic, 0 never, 1 always; here 0 always, 1 automatic, 2 never.
  migrate_route: {
    key: 'move_routes',
    translate: value =>
      new Map<unknown, number>([
        [-1, 1],
        [0, 2],
        [1, 0],
      ]).get(value) ?? value,
  },
};

/** The names that are other words for a key. */
export const aliasNames: readonly string[] = Object.keys(aliases);

/** The configuration under our names. @throws Error where a key is given under both. */
export function resolveAliases(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    const key = alias?.key ?? name;
    if (alias && Object.hasOwn(given, key)) throw new Error(`${name}: is another name for ${key}, which is given too`);
    resolved[key] = alias?.translate ? alias.translate(value) : value;
  }
  return resolved;
}
