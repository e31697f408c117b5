// How a NIC that is not primary gets its own table.
import { mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { anywhere, type Facts, type Family, familyOf, type Nic, type NicRoute, type RouteSpec } from '../facts.ts';
import { fallbackRulePriority, lanExceptionPriority, lanRulePriority, protocol, rulePriority } from '../identity.ts';
import { isAlike } from '../nic-route.ts';
import type { DesiredObject, NetlinkObject } from '../object.ts';
import { isAdvertised, isAdvertisedDefault } from './advertised.ts';
import { isConnected, isOwnLan } from './connected.ts';
import type { Path } from './path.ts';
import { hostPrefix } from './prefix.ts';

const place = 'pod';

/** Rules that lead to the NIC's table, and its own routes, added there before they leave `main`. */
export function rehomeObjects({ movesRoutes }: Config, facts: Facts, { nic, family, table }: Path): DesiredObject[] {
  const dev = nic.name;
  const own = movesRoutes ? latest(nic.routes.filter(({ route }) => familyOf(route.dst) === family)) : [];
  const lans = own.filter(found => isConnected(nic, found));
  const beyond = own.filter(found => !lans.includes(found));
  const ownLans = lans.filter(found => isOwnLan(facts, nic, found));
  const routeOf = (
    wanted: RouteSpec & { readonly table: number },
    more: Pick<NetlinkObject, 'absent' | 'behind'> = {},
  ): NetlinkObject => ({
    kind: 'route',
    place,
    dev,
    wanted,
    ...more,
  });
  const leaving = [...ownLans, ...beyond].filter(isInMain);
  return [
    ...(leaving.some(found => isAdvertisedDefault(nic, found)) ? [noDefaultRouter(dev)] : []),
    // A gateway is only taken once the prefix it lies in has a route.
    ...[...lans, ...beyond].map((found, i, all) => {
      const behind = all.findIndex(other => isAlike(other.route, found.route)) < i;
      return routeOf({ ...lasting(nic, found), table, protocol }, behind ? { behind } : {});
    }),
    ...addressesOf(nic, family).map((address): NetlinkObject => {
      const wanted = { priority: rulePriority, src: hostPrefix(address), table, protocol };
      return { kind: 'rule', place, dev, wanted };
    }),
    ...ownLans.flatMap(lan => lanRules(facts, { nic, table }, lan)),
    ...(beyond.some(({ route }) => route.dst === anywhere[family]) ? [fallbackRule({ nic, family, table })] : []),
    ...leaving
      .filter(found => !isAdvertised(nic, found) || isAdvertisedDefault(nic, found))
      .map(({ route, remainder, behind }) =>
        remainder
          ? routeOf({ ...remainder, table: mainTable })
          : routeOf({ ...route, table: mainTable }, { absent: true, ...(behind && { behind }) }),
      ),
  ];
}

/** Where a route stands in `main` again, what was made of it before is out of date. */
function latest(routes: readonly NicRoute[]): NicRoute[] {
  const fresh = routes.filter(isInMain);
  const isStale = ({ route }: NicRoute) => fresh.some(other => isAlike(other.route, route));
  return [...fresh, ...routes.filter(found => !isInMain(found) && !isStale(found))];
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
 * What the pod sends to the NIC's LAN leaves by the NIC, but for what comes from another NIC: a reply to what came in by
 * that one.
 */
function lanRules(
  { nic: called, others }: Facts,
  { nic, table }: Pick<Path, 'nic' | 'table'>,
  { route: { dst } }: NicRoute,
): NetlinkObject[] {
  const family = familyOf(dst);
  const exceptions = [called, ...others]
    .filter(other => other.index !== nic.index && !other.ownTables.has(family))
    .flatMap(other => addressesOf(other, family).map(address => ({ dev: other.name, src: hostPrefix(address) })));
  return [
    ...exceptions.map(({ dev, src }): NetlinkObject => {
      const wanted = { priority: lanExceptionPriority, src, dst, table: mainTable, protocol };
      return { kind: 'rule', place, dev, wanted };
    }),
    { kind: 'rule', place, dev: nic.name, wanted: { priority: lanRulePriority, dst, table, protocol } },
  ];
}

function addressesOf({ addresses }: Nic, family: Family): string[] {
  return addresses.filter(address => familyOf(address) === family);
}

function isInMain({ table }: NicRoute): boolean {
  return table === 'main';
}
