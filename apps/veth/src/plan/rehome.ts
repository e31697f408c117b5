// How a NIC that is not primary gets its own table.
import { mainTable } from '@spider/rtnetlink';
import { familyOf } from '../facts.ts';
import { protocol, rulePriority } from '../identity.ts';
import type { DesiredObject, NetlinkObject } from '../object.ts';
import type { Path } from './path.ts';
import { hostPrefix } from './prefix.ts';

/** Rules that lead to the NIC's table, and its own routes, added there before they leave `main`. */
export function rehomeObjects({ nic, family, table }: Path, movesRoutes: boolean): DesiredObject[] {
  const own = movesRoutes ? nic.routes.filter(({ route }) => familyOf(route.dst) === family) : [];
  // A gateway is only taken once the prefix it lies in has a route.
  const connectedFirst = [...own.filter(({ connected }) => connected), ...own.filter(({ connected }) => !connected)];
  const routeOf = (wanted: object, absent?: true): NetlinkObject =>
    ({ kind: 'route', place: 'pod', dev: nic.name, wanted, ...(absent && { absent }) }) as NetlinkObject;
  return [
    ...connectedFirst.map(({ route }) => routeOf({ ...route, table, protocol })),
    ...nic.addresses
      .filter(address => familyOf(address) === family)
      .map((address): NetlinkObject => {
        const wanted = { priority: rulePriority, src: hostPrefix(address), table, protocol };
        return { kind: 'rule', place: 'pod', dev: nic.name, wanted };
      }),
    // The prefix of an address stays in main too: it is the kernel's, and how the pod reaches that LAN.
    ...own
      .filter(({ table: stands, connected }) => stands === 'main' && !connected)
      .map(({ route }) => routeOf({ ...route, table: mainTable }, true)),
  ];
}
