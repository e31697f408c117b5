// Moves the routes of a secondary NIC from main to its own table, and those of a primary NIC back.
import { Address, InterfaceAddress, Prefix } from '@spider/ip';
import { mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import {
  fallbackRulePriority,
  lanExceptionPriority,
  lanRulePriority,
  ownTable,
  protocol,
  rulePriority,
} from '../datapath.ts';
import type { Facts, Nic, NicRoute, RouteSpec } from '../facts.ts';
import { type Family, familyOf } from '../family.ts';
import { defaultMetrics } from '../object/match.ts';
import type { DesiredObject, NetlinkObject } from '../object/object.ts';
import { hostPrefix, withoutLength } from '../prefix.ts';
import { haveSameKey } from '../route.ts';
import { isAdvertised, isAdvertisedDefault } from './advertised.ts';
import { isConnected, isDirect, isOwnLan } from './connected.ts';
import type { Path } from './path.ts';

const place = 'pod';

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
  const lost = isMoving ? lostLans(facts, path, found).filter(isFree) : [];
  const lostBeyond = isMoving ? lostRoutes(facts, path, found).filter(isFree) : [];
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
      return { kind: 'rule', place, dev: nic.name, wanted };
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
 * The NIC's LANs that have a rule but have lost their route. It is restored as the kernel makes it: for IPv4 with the
 * address as source, for IPv6 without a source and with a metric of its own.
 */
function lostLans({ ours }: Facts, { nic, family, table }: Path, found: readonly NicRoute[]): NicRoute[] {
  const led = ours.pod.rules.filter(
    rule => rule.priority === lanRulePriority && rule.table === table && rule.family === family,
  );
  return led.flatMap(({ dst }): NicRoute[] => {
    if (dst === undefined || found.some(({ route }) => route.dst === dst)) return [];
    const lan = Prefix.parse(dst);
    const prefsrc = addressesOf(nic, family).find(address => lan.contains(Address.parse(address)));
    if (prefsrc === undefined) return [];
    return [{ table: 'own', route: family === 'inet' ? { dst, prefsrc } : { dst, priority: prefixMetric } }];
  });
}

/**
 * Routes of `prevResult` for `main` that are in neither table: they were lost, or could not be added because another NIC
 * had a route to the same destination. A route without a gateway gets that of the address of its family, which is how
 * plugins read the SPEC (section 5).
 */
function lostRoutes(
  { nic: current, prevResult }: Facts,
  { nic, family }: Path,
  found: readonly NicRoute[],
): NicRoute[] {
  if (nic !== current) return [];
  const { routes = [], ips = [] } = prevResult;
  const usual = ips.find(({ address, gateway }) => gateway && familyOf(address) === family)?.gateway;
  return routes
    .filter(({ dst, gw = dst, table = mainTable }) => table === mainTable && [dst, gw].every(isOfFamily(family)))
    .map(told => ({ ...told, dst: InterfaceAddress.parse(told.dst).prefix.toString() }))
    .filter(({ dst }) => !found.some(({ route }) => route.dst === dst))
    .map(({ dst, gw: gateway = usual, priority, mtu, advmss }) => ({
      table: 'own',
      route: {
        dst,
        ...(gateway !== undefined && { gateway, ...(!isInLan(nic, gateway) && { onlink: true }) }),
        ...(priority !== undefined && { priority }),
        ...((mtu ?? advmss) !== undefined && { metrics: { ...(mtu && { mtu }), ...(advmss && { advmss }) } }),
      },
    }));
}

const isOfFamily = (family: Family) => (text: string) => familyOf(text) === family;

/** The kernel accepts other gateways only with `onlink`. */
function isInLan({ lans }: Nic, gateway: string): boolean {
  return lans.some(
    lan => familyOf(lan) === familyOf(gateway) && InterfaceAddress.parse(lan).prefix.contains(Address.parse(gateway)),
  );
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

/** What a primary NIC needs besides its routes through the pair. */
export function primaryObjects({ ours }: Facts, { nic, family }: Path): DesiredObject[] {
  const lans = ours.pod.rules.filter(
    found => found.priority === lanRulePriority && found.family === family && found.table !== ownTable(nic.index),
  );
  const found = nic.routes.filter(({ route }) => familyOf(route.dst) === family);
  return [
    // For its replies to the LANs of other NICs whose routes have left main.
    ...[...new Set(lans.map(({ dst }) => dst!))].flatMap(dst => lanExceptions(nic, family, dst)),
    ...returnedToMain(nic, found),
  ];
}

/**
 * True if the NIC's routes were left in main (`move_routes`). If they were moved, all that is in main is also in its table.
 */
export function staysInMain({ ownTables, routes }: Nic, family: Family): boolean {
  const isCopied = ({ route }: NicRoute) => routes.some(other => !isInMain(other) && haveSameKey(other.route, route));
  const inMain = routes.filter(found => isInMain(found) && familyOf(found.route.dst) === family);
  return ownTables.has(family) && inMain.some(found => !isCopied(found));
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

/** Removes the routes in the NIC's table that are not in `left`. */
function removedFromTable(nic: Nic, routes: readonly NicRoute[], left: readonly NicRoute[]): NetlinkObject[] {
  const removed = routes.filter(
    found => !isInMain(found) && !left.some(other => haveSameKey(other.route, found.route)),
  );
  return [...removed.filter(({ route }) => !isDirect(route)), ...removed.filter(({ route }) => isDirect(route))].map(
    ({ route }) => routeOf(nic, { ...route, table: ownTable(nic.index) }, { absent: true }),
  );
}

function routeOf(
  { name }: Nic,
  wanted: RouteSpec & { readonly table: number; readonly oif?: number },
  more: Pick<NetlinkObject, 'absent' | 'behind'> = {},
): NetlinkObject {
  return { kind: 'route', place, dev: name, wanted, ...more };
}

/** Without copies that are out of date: of routes that are in `main` again, and of routes to former LANs. */
function withoutStaleCopies(nic: Nic, routes: readonly NicRoute[]): NicRoute[] {
  const fresh = routes.filter(isInMain);
  const isStale = ({ route }: NicRoute) => fresh.some(other => haveSameKey(other.route, route));
  return [...fresh, ...routes.filter(found => !isInMain(found) && !isStale(found) && !wasConnected(nic, found))];
}

/** True if the NIC's table has a route of ours with the same key. */
function isTaken(destinations: readonly string[], { route: { dst, tos = 0, priority } }: NicRoute): boolean {
  const usual = defaultMetrics[familyOf(dst)];
  return destinations.includes(dst) && tos === 0 && (priority ?? usual) === usual;
}

/** The metric of the kernel's IPv6 routes to the prefixes of addresses (IP6_RT_PRIO_ADDRCONF). */
const prefixMetric = 256;

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

/** True for the route that the kernel makes for an IPv6 address with a full-length prefix. */
function isToItself({ allAddresses }: Nic, { route: { dst, priority } }: NicRoute): boolean {
  return priority === prefixMetric && allAddresses.has(withoutLength(dst));
}

/** If the primary NIC goes, the pod's new connections use this NIC's default route at once. */
function fallbackRule({ nic, family, table }: Pick<Path, 'nic' | 'family' | 'table'>): NetlinkObject {
  const wanted = { priority: fallbackRulePriority, family, table, protocol };
  return { kind: 'rule', place, dev: nic.name, wanted };
}

/** Keeps the next router advertisement from adding the default route to `main` again. */
function noDefaultRouter(dev: string): DesiredObject {
  return { kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/accept_ra_defrtr`, value: '0' };
}

/** The route without its lifetime, if it is advertised: advertisements renew only the kernel's own route in `main`. */
function withoutLifetime(nic: Nic, found: NicRoute): RouteSpec {
  if (!isAdvertised(nic, found)) return found.route;
  const { expires, ...route } = found.route;
  return route;
}

/**
 * Packets to the NIC's LAN leave by the NIC, except those from a primary NIC's address: they answer what came in by that.
 */
function lanRules(
  { nic: current, others }: Facts,
  { nic, family, table }: Pick<Path, 'nic' | 'family' | 'table'>,
  paths: readonly Path[],
  { route: { dst } }: NicRoute,
): NetlinkObject[] {
  const isPrimary = (other: Nic) => {
    const path = paths.find(path => path.nic.index === other.index && path.family === family);
    return path ? path.table === mainTable : !other.ownTables.has(family);
  };
  return [
    ...[current, ...others].filter(isPrimary).flatMap(other => {
      // A NIC without an ADD and with a greater index came later, so CHECK does not report it.
      const isLater = other.index > current.index && !other.served.has(family);
      return lanExceptions(other, family, dst).map(rule => (isLater ? { ...rule, shared: true } : rule));
    }),
    { kind: 'rule', place, dev: nic.name, wanted: { priority: lanRulePriority, dst, table, protocol } },
  ];
}

function lanExceptions(nic: Nic, family: Family, dst: string): NetlinkObject[] {
  return addressesOf(nic, family).map(address => {
    const wanted = { priority: lanExceptionPriority, src: hostPrefix(address), dst, table: mainTable, protocol };
    return { kind: 'rule', place, dev: nic.name, wanted };
  });
}

function addressesOf({ addresses }: Nic, family: Family): string[] {
  return addresses.filter(address => familyOf(address) === family);
}

function isInMain({ table }: NicRoute): boolean {
  return table === 'main';
}
