// How a NIC that is not primary gets its own table.
import { mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { anywhere, type Facts, type Family, familyOf, type Nic, type NicRoute } from '../facts.ts';
import { fallbackRulePriority, lanExceptionPriority, lanRulePriority, protocol, rulePriority } from '../identity.ts';
import type { DesiredObject, NetlinkObject } from '../object.ts';
import { isAdvertised, isAdvertisedDefault } from './advertised.ts';
import { isConnected, isOwnLan } from './connected.ts';
import type { Path } from './path.ts';
import { hostPrefix } from './prefix.ts';

const place = 'pod';

/** Rules that lead to the NIC's table, and its own routes, added there before they leave `main`. */
export function rehomeObjects({ movesRoutes }: Config, facts: Facts, { nic, family, table }: Path): DesiredObject[] {
  const dev = nic.name;
  const own = movesRoutes ? nic.routes.filter(({ route }) => familyOf(route.dst) === family) : [];
  const lans = own.filter(found => isConnected(nic, found));
  const beyond = own.filter(found => !lans.includes(found));
  const ownLans = lans.filter(found => isOwnLan(facts, nic, found));
  const routeOf = (wanted: object, absent?: true): NetlinkObject =>
    ({ kind: 'route', place, dev, wanted, ...(absent && { absent }) }) as NetlinkObject;
  const leaving = [...ownLans, ...beyond].filter(isInMain);
  return [
    ...(leaving.some(found => isAdvertisedDefault(nic, found)) ? [noDefaultRouter(dev)] : []),
    // A gateway is only taken once the prefix it lies in has a route.
    ...[...lans, ...beyond].map(found => routeOf({ ...lasting(nic, found), table, protocol })),
    ...addressesOf(nic, family).map((address): NetlinkObject => {
      const wanted = { priority: rulePriority, src: hostPrefix(address), table, protocol };
      return { kind: 'rule', place, dev, wanted };
    }),
    ...ownLans.flatMap(lan => lanRules(facts, { nic, table }, lan)),
    ...(beyond.some(({ route }) => route.dst === anywhere[family]) ? [fallbackRule({ nic, family, table })] : []),
    ...leaving
      .filter(found => !isAdvertised(nic, found) || isAdvertisedDefault(nic, found))
      .map(({ route }) => routeOf({ ...route, table: mainTable }, true)),
  ];
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
function lasting(nic: Nic, found: NicRoute): NicRoute['route'] {
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
