// The names of the same keys in the Go plugins: their configurations work here unchanged.
import { translatedNumber, type Value } from './value.ts';

export interface Alias {
  readonly key: string;
  /** How the value is read, if differently from the key's own. */
  readonly value?: Value<unknown>;
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
    value: translatedNumber([-1, 0, 1], [1, 2, 0]),
  },
};

/** The key that a name is an alias of; undefined if it is no alias. */
export function aliasOf(name: string): Alias | undefined {
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}
