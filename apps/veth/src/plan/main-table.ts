// What a primary NIC has in main, and how routes return there.
import { anywhere, familyOf, type IPFamily, mainTable, withoutLength } from '@spider/rtnetlink';
import { lanRulePriority, ownTable } from '../datapath.ts';
import type { Facts, Nic, NicRoute } from '../facts.ts';
import type { DesiredObject, NetlinkObject } from '../object/object.ts';
import { haveSameKey } from '../route.ts';
import { isConnected } from './connected.ts';
import { lanExceptions } from './lan-rules.ts';
import { lostRoutes } from './lost.ts';
import { isInMain, prefixMetric, removedFromTable, routeOf, withoutStaleCopies } from './nic-routes.ts';
import type { Path } from './path.ts';

/** What a primary NIC needs besides its routes through the pair. */
export function primaryObjects({ ours }: Facts, { nic, family }: Path, paths: readonly Path[]): DesiredObject[] {
  // The LANs of NICs that leave main come with their paths.
  const leaving = paths.filter(path => path.family === family).map(({ table }) => table);
  const tables = [ownTable(nic.index), ...leaving];
  const lans = ours.pod.rules.filter(
    found => found.priority === lanRulePriority && found.family === family && !tables.includes(found.table),
  );
  const found = nic.routes.filter(({ route }) => familyOf(route.dst) === family);
  return [
    // For its replies to the LANs of other NICs whose routes have left main.
    ...[...new Set(lans.map(({ dst }) => dst!))].flatMap(dst => lanExceptions(nic, family, dst)),
    ...returnedToMain(nic, found),
  ];
}

/**
 * Routes that `prevResult` lists for a primary NIC, and that others have kept out of main: the default route of a NIC that
 * takes main over from another with one, and routes to former CIDRs, which ours have replaced.
 */
export function toldRoutes(
  facts: Facts,
  path: Path,
  paths: readonly Path[],
  destinations: readonly string[],
): NetlinkObject[] {
  const { nic, family } = path;
  const takesOver = paths.some(({ demoted, family: of }) => demoted && of === family);
  const isOurs = (dst: string) =>
    facts.ours.pod.routes.some(found => found.dst === dst && nic.addresses.includes(found.prefsrc ?? ''));
  return lostRoutes(facts, path, nic.routes)
    .filter(({ route: { dst } }) => (dst === anywhere[family] ? takesOver : isOurs(dst) && !destinations.includes(dst)))
    .map(({ route }) => ({
      ...routeOf(nic, { ...route, table: mainTable, protocol: 'boot' }, { behind: true }),
      optional: true,
    }));
}

/** If other NICs are in a LAN of the primary NIC, its route must come first in main, because its replies use main. */
export function firstInLans({ nic: current, others }: Facts, { nic, family }: Path): NetlinkObject[] {
  const lans = nic.routes.filter(
    found => isInMain(found) && familyOf(found.route.dst) === family && isConnected(nic, found),
  );
  const isBefore = ({ table, route, position }: NicRoute) =>
    table === 'main' && lans.some(lan => haveSameKey(lan.route, route) && position! < lan.position!);
  return [current, ...others]
    .filter(other => other.index !== nic.index)
    .flatMap(other =>
      other.routes.filter(isBefore).flatMap(({ route }): NetlinkObject[] => {
        const wanted = { ...route, table: mainTable };
        const before = routeOf(other, { ...wanted, oif: other.index }, { absent: true });
        return [{ ...before, rival: true }, routeOf(other, wanted, { behind: true })];
      }),
    );
}

/**
 * True if the NIC's routes were left in main (`move_routes`). If they were moved, all that is in main is also in its table.
 */
export function staysInMain({ ownTables, routes }: Nic, family: IPFamily): boolean {
  const isCopied = ({ route }: NicRoute) => routes.some(other => !isInMain(other) && haveSameKey(other.route, route));
  const inMain = routes.filter(found => isInMain(found) && familyOf(found.route.dst) === family);
  return ownTables.has(family) && inMain.some(found => !isCopied(found));
}

/** Moves the routes in the NIC's own table back to main, behind those to the same destination. */
export function returnedToMain(nic: Nic, routes: readonly NicRoute[]): NetlinkObject[] {
  const moving = withoutStaleCopies(nic, routes).filter(found => !isInMain(found));
  return [
    ...[...moving.filter(found => isConnected(nic, found)), ...moving.filter(found => !isConnected(nic, found))].map(
      found => {
        const protocol = isConnected(nic, found) || isToItself(nic, found) ? 'kernel' : 'boot';
        return routeOf(nic, { ...found.route, table: mainTable, protocol }, { behind: true });
      },
    ),
    ...removedFromTable(nic, routes, []),
  ];
}

/** True for the route that the kernel makes for an IPv6 address with a full-length prefix. */
function isToItself({ allAddresses }: Nic, { route: { dst, priority } }: NicRoute): boolean {
  return priority === prefixMetric && allAddresses.has(withoutLength(dst));
}
