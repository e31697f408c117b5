// How a NIC that is not primary gets its own table.
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
import { bare, hostPrefix } from '../prefix.ts';
import { haveSameKey } from '../route.ts';
import { isAdvertised, isAdvertisedDefault } from './advertised.ts';
import { isConnected, isDirect, isOwnLan } from './connected.ts';
import type { Path } from './path.ts';

const place = 'pod';

/**
 * Rules that lead to the NIC's table, and its own routes, added there before they leave `main`; but for those to what goes
 * through the pair, of which it has routes of ours there.
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
  // The NIC reaches its LANs by itself where its table leads what is around them to the node.
  const own = isMoving
    ? latest(nic, found)
    : found.filter(lan => isInMain(lan) && isConnected(nic, lan) && (isCovered(lan) || isCopied(lan)));
  const lans = own.filter(found => isConnected(nic, found));
  const beyond = own.filter(found => !lans.includes(found));
  const ownLans = isMoving ? lans.filter(found => isOwnLan(facts, nic, found)) : [];
  // Before the prefix that its gateway lies in, so that in a rollback it comes behind.
  const leaving = [...beyond, ...ownLans].filter(isInMain);
  const isFree = (found: NicRoute) => !isTaken(throughPair, found);
  const lost = isMoving ? lostLans(facts, path, found).filter(isFree) : [];
  const lostBeyond = isMoving ? lostRoutes(facts, path, found).filter(isFree) : [];
  return [
    ...(leaving.some(found => isAdvertisedDefault(nic, found)) ? [noDefaultRouter(nic.name)] : []),
    ...lost.map(({ route }) => routeOf(nic, { ...route, table, protocol })),
    // A gateway is only taken once the prefix it lies in has a route. What is in the table already stays as it is.
    ...[...lans, ...beyond]
      .filter(found => isInMain(found) && isFree(found))
      .map((found, i, all) => {
        const behind = all.findIndex(other => haveSameKey(other.route, found.route)) < i;
        return routeOf(nic, { ...lasting(nic, found), table, protocol }, behind ? { behind } : {});
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
      .flatMap(found => departure(facts, nic, found)),
    ...emptied(nic, found, own),
  ];
}

/**
 * A route leaves `main`. Of IPv6 routes with one key the kernel deletes the first by a nexthop object, whatever path is named:
 * what another NIC has so before it makes room for the moment.
 */
function departure({ nic: called, others }: Facts, nic: Nic, found: NicRoute): NetlinkObject[] {
  const { route, remainder, behind, position } = found;
  if (remainder) return [routeOf(nic, { ...remainder, table: mainTable })];
  const isMistaken = (other: NicRoute) =>
    isInMain(other) &&
    familyOf(route.dst) === 'inet6' &&
    other.route.nexthopId !== undefined &&
    haveSameKey(other.route, route) &&
    other.route.protocol === route.protocol &&
    other.position! < position!;
  const mistaken = [called, ...others]
    .filter(({ index }) => index !== nic.index)
    .flatMap(other =>
      other.routes.filter(isMistaken).map(({ route }) => ({ other, route: { ...route, table: mainTable } })),
    );
  return [
    ...mistaken.map(({ other, route }) => routeOf(other, route, { absent: true })),
    routeOf(nic, { ...route, table: mainTable }, { absent: true, ...(behind && { behind }) }),
    ...mistaken.map(({ other, route }) => routeOf(other, route, { behind: true })),
  ];
}

/**
 * LANs that the NIC is in, and that rules lead to, but no route any more. The kernel makes one with an address: of IPv4 that
 * address is its source, of IPv6 it has no source, and a metric of its own.
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
 * What the chain told of for `main`, and neither table has: it was lost since, or another NIC had a route to the same place, so
 * that it did not get there. A route without a gateway has the one of its family's address, as plugins take the SPEC (section 5).
 */
function lostRoutes({ nic: called, prevResult }: Facts, { nic, family }: Path, found: readonly NicRoute[]): NicRoute[] {
  if (nic !== called) return [];
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

/** The kernel takes another gateway only where it is told that it is on the link. */
function isInLan({ lans }: Nic, gateway: string): boolean {
  return lans.some(
    lan => familyOf(lan) === familyOf(gateway) && InterfaceAddress.parse(lan).prefix.contains(Address.parse(gateway)),
  );
}

/** A NIC that gives way has a configuration of its own; its default route has to leave. What has left does not return by it. */
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

/** What a primary NIC needs beside its routes through the pair. */
export function primaryObjects({ ours }: Facts, { nic, family }: Path): DesiredObject[] {
  const lans = ours.pod.rules.filter(
    found => found.priority === lanRulePriority && found.family === family && found.table !== ownTable(nic.index),
  );
  const found = nic.routes.filter(({ route }) => familyOf(route.dst) === family);
  return [
    // Replies to what came in by it, to the LANs of others that have left main.
    ...[...new Set(lans.map(({ dst }) => dst!))].flatMap(dst => lanExceptions(nic, family, dst)),
    ...returned(nic, found),
  ];
}

/** True where the NIC was told to leave its routes in main. What moves stands in its table, be it in main too: a shared LAN. */
export function staysInMain({ ownTables, routes }: Nic, family: Family): boolean {
  const isCopied = ({ route }: NicRoute) => routes.some(other => !isInMain(other) && haveSameKey(other.route, route));
  const inMain = routes.filter(found => isInMain(found) && familyOf(found.route.dst) === family);
  return ownTables.has(family) && inMain.some(found => !isCopied(found));
}

/** In a LAN that another NIC is in too, the primary NIC's route comes first: in main is what its replies go by. */
export function firstInLans({ nic: called, others }: Facts, { nic, family }: Path): NetlinkObject[] {
  const lans = nic.routes.filter(
    found => isInMain(found) && familyOf(found.route.dst) === family && isConnected(nic, found),
  );
  const isBefore = ({ table, route, position }: NicRoute) =>
    table === 'main' && lans.some(lan => haveSameKey(lan.route, route) && position! < lan.position!);
  return [called, ...others]
    .filter(other => other.index !== nic.index)
    .flatMap(other =>
      other.routes.filter(isBefore).flatMap(({ route }): NetlinkObject[] => {
        const wanted = { ...route, table: mainTable };
        const before = routeOf(other, { ...wanted, oif: other.index }, { absent: true });
        return [{ ...before, rival: true }, routeOf(other, wanted, { behind: true })];
      }),
    );
}

/** Where it had a table of its own its routes return from there, behind those to the same destination. */
export function returned(nic: Nic, routes: readonly NicRoute[]): NetlinkObject[] {
  const returning = latest(nic, routes).filter(found => !isInMain(found));
  return [
    ...[
      ...returning.filter(found => isConnected(nic, found)),
      ...returning.filter(found => !isConnected(nic, found)),
    ].map(found => {
      const protocol = isConnected(nic, found) || isToItself(nic, found) ? 'kernel' : 'boot';
      return routeOf(nic, { ...found.route, table: mainTable, protocol }, { behind: true });
    }),
    ...emptied(nic, routes, []),
  ];
}

/** What the NIC's table has no more. */
function emptied(nic: Nic, routes: readonly NicRoute[], left: readonly NicRoute[]): NetlinkObject[] {
  const gone = routes.filter(found => !isInMain(found) && !left.some(other => haveSameKey(other.route, found.route)));
  return [...gone.filter(({ route }) => !isDirect(route)), ...gone.filter(({ route }) => isDirect(route))].map(
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

/** Where a route stands in `main` again, what was made of it before is out of date. */
function latest(nic: Nic, routes: readonly NicRoute[]): NicRoute[] {
  const fresh = routes.filter(isInMain);
  const isStale = ({ route }: NicRoute) => fresh.some(other => haveSameKey(other.route, route));
  return [...fresh, ...routes.filter(found => !isInMain(found) && !isStale(found) && !wasConnected(nic, found))];
}

/** True where a route of ours stands in its place. */
function isTaken(destinations: readonly string[], { route: { dst, tos = 0, priority } }: NicRoute): boolean {
  const usual = defaultMetrics[familyOf(dst)];
  return destinations.includes(dst) && tos === 0 && (priority ?? usual) === usual;
}

/** The kernel's metric of IPv6 routes to the prefixes of addresses (IP6_RT_PRIO_ADDRCONF). */
const prefixMetric = 256;

/** True for the route to a LAN that the NIC is in no more. From `main` the kernel took it with the address. */
function wasConnected(nic: Nic, found: NicRoute): boolean {
  const { dst, prefsrc, priority } = found.route;
  if (!isDirect(found.route) || isConnected(nic, found)) return false;
  // Of IPv6 there is one to an address that is all of its prefix, too.
  if (nic.allAddresses.has(bare(dst))) return false;
  if (familyOf(dst) === 'inet6') return priority === prefixMetric;
  return prefsrc !== undefined && !nic.allAddresses.has(prefsrc);
}

/** Of IPv6 the kernel makes a route to an address that is all of its prefix. */
function isToItself({ allAddresses }: Nic, { route: { dst, priority } }: NicRoute): boolean {
  return priority === prefixMetric && allAddresses.has(bare(dst));
}

/** When the primary NIC goes, what the pod begins takes this NIC's default route at once. */
function fallbackRule({ nic, family, table }: Pick<Path, 'nic' | 'family' | 'table'>): NetlinkObject {
  const wanted = { priority: fallbackRulePriority, family, table, protocol };
  return { kind: 'rule', place, dev: nic.name, wanted };
}

/** The next advertisement must not bring back to `main` what left it. */
function noDefaultRouter(dev: string): DesiredObject {
  return { kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/accept_ra_defrtr`, value: '0' };
}

/** An advertisement prolongs what is in `main`, and nothing of ours. */
function lasting(nic: Nic, found: NicRoute): RouteSpec {
  if (!isAdvertised(nic, found)) return found.route;
  const { expires, ...route } = found.route;
  return route;
}

/**
 * What the pod sends to the NIC's LAN leaves by the NIC, but for what comes from a primary NIC: a reply to what came in by
 * that one.
 */
function lanRules(
  { nic: called, others }: Facts,
  { nic, family, table }: Pick<Path, 'nic' | 'family' | 'table'>,
  paths: readonly Path[],
  { route: { dst } }: NicRoute,
): NetlinkObject[] {
  const isPrimary = (other: Nic) => {
    const path = paths.find(path => path.nic.index === other.index && path.family === family);
    return path ? path.table === mainTable : !other.ownTables.has(family);
  };
  return [
    ...[called, ...others].filter(isPrimary).flatMap(other => {
      // Without an ADD, and with a greater index: it came since, so CHECK does not mind.
      const isLater = other.index > called.index && !other.served.has(family);
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
