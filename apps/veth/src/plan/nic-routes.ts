// A NIC's routes, in main and in its own table.

import { familyOf, type IPFamily, withoutLength } from '@spider/rtnetlink';
import { ownTable } from '../datapath.ts';
import type { Nic, NicRoute, RouteSpec } from '../facts.ts';
import type { NetlinkObject } from '../object/object.ts';
import { haveSameKey } from '../route.ts';
import { isConnected, isDirect } from './connected.ts';

export function isInMain({ table }: NicRoute): boolean {
  return table === 'main';
}

export function addressesOf({ addresses }: Nic, family: IPFamily): string[] {
  return addresses.filter(address => familyOf(address) === family);
}

export function routeOf(
  { name }: Nic,
  wanted: RouteSpec & { readonly table: number; readonly oif?: number },
  more: Pick<NetlinkObject, 'absent' | 'behind'> = {},
): NetlinkObject {
  return { kind: 'route', place: 'pod', dev: name, wanted, ...more };
}

/** Removes the routes in the NIC's table that are not in `left`. */
export function removedFromTable(nic: Nic, routes: readonly NicRoute[], left: readonly NicRoute[]): NetlinkObject[] {
  const removed = routes.filter(
    found => !isInMain(found) && !left.some(other => haveSameKey(other.route, found.route)),
  );
  return [...removed.filter(({ route }) => !isDirect(route)), ...removed.filter(({ route }) => isDirect(route))].map(
    ({ route }) => routeOf(nic, { ...route, table: ownTable(nic.index) }, { absent: true }),
  );
}

/** Without copies that are out of date: of routes that are in `main` again, and of routes to former LANs. */
export function withoutStaleCopies(nic: Nic, routes: readonly NicRoute[]): NicRoute[] {
  const fresh = routes.filter(isInMain);
  const isStale = ({ route }: NicRoute) => fresh.some(other => haveSameKey(other.route, route));
  return [...fresh, ...routes.filter(found => !isInMain(found) && !isStale(found) && !wasConnected(nic, found))];
}

/**
 * True for the copy of a route to a former LAN of the NIC. The kernel removed the original from `main` with the address.
 */
function wasConnected(nic: Nic, found: NicRoute): boolean {
  const { dst, prefsrc, priority } = found.route;
  if (!isDirect(found.route) || isConnected(nic, found)) return false;
  // For an IPv6 address with a full-length prefix there is one too.
  if (nic.allAddresses.has(withoutLength(dst))) return false;
  if (familyOf(dst) === 'inet6') return priority === prefixMetric;
  return prefsrc !== undefined && !nic.allAddresses.has(prefsrc);
}

/** The metric of the kernel's IPv6 routes to the prefixes of addresses (IP6_RT_PRIO_ADDRCONF). */
export const prefixMetric = 256;
