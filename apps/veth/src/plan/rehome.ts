// Moves the routes of a secondary NIC from main to its own table.
import { Prefix } from '@spider/ip';
import { familyOf, hostPrefix, mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { fallbackRulePriority, protocol, rulePriority } from '../datapath.ts';
import type { Facts, Nic, NicRoute, RouteSpec } from '../facts.ts';
import { defaultMetrics } from '../object/match.ts';
import type { DesiredObject, NetlinkObject } from '../object/object.ts';
import { haveSameKey } from '../route.ts';
import { isAdvertised, isAdvertisedDefault } from './advertised.ts';
import { isConnected, isOwnLan } from './connected.ts';
import { lanRules } from './lan-rules.ts';
import { lostLans, lostRoutes } from './lost.ts';
import { addressesOf, isInMain, removedFromTable, routeOf, withoutStaleCopies } from './nic-routes.ts';
import type { Path } from './path.ts';

/**
 * The rules that lead to the NIC's table, and its own routes, which are added there before they leave `main`. Routes to
 * destinations of the pair are left out, because the table has our routes to those.
 */
export function rehomeObjects(
  config: Config,
  facts: Facts,
  path: Path,
  paths: readonly Path[],
  throughPair: readonly string[],
): DesiredObject[] {
  const { nic, family, table } = path;
  const found = nic.routes.filter(({ route }) => familyOf(route.dst) === family);
  const isMoving = moves(config, path);
  const isCovered = ({ route }: NicRoute) =>
    throughPair.some(dst => familyOf(dst) === family && Prefix.parse(dst).contains(Prefix.parse(route.dst)));
  const isCopied = ({ route }: NicRoute) => found.some(other => !isInMain(other) && haveSameKey(other.route, route));
  // Even if its routes stay in main, a LAN within a CIDR of the pair must be in the NIC's table, to be reached directly.
  const own = isMoving
    ? withoutStaleCopies(nic, found)
    : found.filter(lan => isInMain(lan) && isConnected(nic, lan) && (isCovered(lan) || isCopied(lan)));
  const lans = own.filter(found => isConnected(nic, found));
  const beyond = own.filter(found => !lans.includes(found));
  const ownLans = isMoving ? lans.filter(found => isOwnLan(facts, nic, found)) : [];
  // A route is removed before the prefix of its gateway, so that the rollback restores it after that.
  const leaving = [...beyond, ...ownLans].filter(isInMain);
  const isFree = (found: NicRoute) => !isTaken(throughPair, found);
  const lostBeyond = isMoving ? lostRoutes(facts, path, found).filter(isFree) : [];
  const lost = isMoving ? lostLans(facts, path, found, lostBeyond).filter(isFree) : [];
  return [
    ...(leaving.some(found => isAdvertisedDefault(nic, found)) ? [noDefaultRouter(nic.name)] : []),
    ...lost.map(({ route }) => routeOf(nic, { ...route, table, protocol })),
    // The kernel accepts a gateway only if its prefix has a route. Routes that are in the table already stay as they are.
    ...[...lans, ...beyond]
      .filter(found => isInMain(found) && isFree(found))
      .map((found, i, all) => {
        const behind = all.findIndex(other => haveSameKey(other.route, found.route)) < i;
        return routeOf(nic, { ...withoutLifetime(nic, found), table, protocol }, behind ? { behind } : {});
      }),
    ...lostBeyond.map(({ route }) => ({ ...routeOf(nic, { ...route, table, protocol }), optional: true })),
    ...addressesOf(nic, family).map((address): NetlinkObject => {
      const wanted = { priority: rulePriority, src: hostPrefix(address), table, protocol };
      return { kind: 'rule', place: 'pod', dev: nic.name, wanted };
    }),
    ...[...ownLans, ...lost].flatMap(lan => lanRules(facts, { nic, family, table }, paths, lan)),
    fallbackRule({ nic, family, table }),
    ...leaving
      .filter(found => !isAdvertised(nic, found) || isAdvertisedDefault(nic, found))
      .flatMap(found => removedFromMain(facts, nic, found)),
    ...removedFromTable(nic, found, own),
  ];
}

/**
 * Removes a route from `main`. Of IPv6 routes with one key the kernel deletes the first with a nexthop object, whatever
 * path the request names. So another NIC's route of that kind is removed before this one, and added again afterwards.
 */
function removedFromMain({ nic: current, others }: Facts, nic: Nic, found: NicRoute): NetlinkObject[] {
  const { route, remainder, behind, position } = found;
  if (remainder) return [routeOf(nic, { ...remainder, table: mainTable })];
  const isDeletedInstead = (other: NicRoute) =>
    isInMain(other) &&
    familyOf(route.dst) === 'inet6' &&
    other.route.nexthopId !== undefined &&
    haveSameKey(other.route, route) &&
    other.route.protocol === route.protocol &&
    other.position! < position!;
  const deletedInstead = [current, ...others]
    .filter(({ index }) => index !== nic.index)
    .flatMap(other =>
      other.routes.filter(isDeletedInstead).map(({ route }) => ({ other, route: { ...route, table: mainTable } })),
    );
  return [
    ...deletedInstead.map(({ other, route }) => routeOf(other, route, { absent: true })),
    routeOf(nic, { ...route, table: mainTable }, { absent: true, ...(behind && { behind }) }),
    ...deletedInstead.map(({ other, route }) => routeOf(other, route, { behind: true })),
  ];
}

/**
 * True if the NIC's routes move to its table: if the configuration says so, if they have moved before, and always for a NIC
 * that leaves main for another, because the configuration is not its own and its default route has to leave.
 */
export function moves({ movesRoutes }: Config, { nic, family, demoted }: Path): boolean {
  const lans = nic.routes.filter(found => isInMain(found) && isConnected(nic, found));
  const hasLeft = nic.routes.some(
    found =>
      !isInMain(found) &&
      familyOf(found.route.dst) === family &&
      !lans.some(({ route }) => haveSameKey(route, found.route)),
  );
  return movesRoutes || demoted === true || hasLeft;
}

/** True if the NIC's table has a route of ours with the same key. */
function isTaken(destinations: readonly string[], { route: { dst, tos = 0, priority } }: NicRoute): boolean {
  const usual = defaultMetrics[familyOf(dst)];
  return destinations.includes(dst) && tos === 0 && (priority ?? usual) === usual;
}

/** If the primary NIC goes, the pod's new connections use this NIC's default route at once. */
function fallbackRule({ nic, family, table }: Pick<Path, 'nic' | 'family' | 'table'>): NetlinkObject {
  const wanted = { priority: fallbackRulePriority, family, table, protocol };
  return { kind: 'rule', place: 'pod', dev: nic.name, wanted };
}

/** Keeps the next router advertisement from adding the default route to `main` again. */
function noDefaultRouter(dev: string): DesiredObject {
  return { kind: 'sysctl', place: 'pod', key: `net/ipv6/conf/${dev}/accept_ra_defrtr`, value: '0' };
}

/** The route without its lifetime, if it is advertised: advertisements renew only the kernel's own route in `main`. */
function withoutLifetime(nic: Nic, found: NicRoute): RouteSpec {
  if (!isAdvertised(nic, found)) return found.route;
  const { expires, ...route } = found.route;
  return route;
}
