// The rules by which packets to a secondary NIC's LAN find it, although the LAN's route has left main.

import { Prefix } from '@spider/ip';
import { familyOf, hostPrefix, type IPFamily, mainTable, withoutLength } from '@spider/rtnetlink';
import { lanExceptionPriority, lanRulePriority, protocol } from '../datapath.ts';
import type { Facts, Nic, NicRoute } from '../facts.ts';
import type { NetlinkObject } from '../object/object.ts';
import { addressesOf, isInMain } from './nic-routes.ts';
import type { Path } from './path.ts';

/**
 * Packets to the NIC's LAN leave by the NIC, except those from a primary NIC's address: they answer what came in by that.
 */
export function lanRules(
  { nic: current, others, ours }: Facts,
  { nic, family, table }: Pick<Path, 'nic' | 'family' | 'table'>,
  paths: readonly Path[],
  { route: { dst } }: NicRoute,
): NetlinkObject[] {
  const isPrimary = (other: Nic) => {
    const path = paths.find(path => path.nic.index === other.index && path.family === family);
    return path ? path.table === mainTable : !other.ownTables.has(family);
  };
  const hasRule = ({ addresses }: Nic) =>
    ours.pod.rules.some(({ src }) => src !== undefined && addresses.includes(withoutLength(src)));
  return [
    ...[current, ...others].filter(isPrimary).flatMap(other => {
      // A NIC without an ADD and without any rule of ours came later, so CHECK does not report it.
      const isLater = other !== current && !other.served.has(family) && !hasRule(other);
      return lanExceptions(other, family, dst).map(rule => (isLater ? { ...rule, shared: true } : rule));
    }),
    { kind: 'rule', place: 'pod', dev: nic.name, wanted: { priority: lanRulePriority, dst, table, protocol } },
  ];
}

/** For its replies, and for what main has a longer prefix for, such as a LAN of its own within that one. */
export function lanExceptions(nic: Nic, family: IPFamily, dst: string): NetlinkObject[] {
  const exception = { priority: lanExceptionPriority, dst, table: mainTable, protocol } as const;
  const lan = Prefix.parse(dst);
  const isWithin = (found: NicRoute) =>
    isInMain(found) &&
    familyOf(found.route.dst) === family &&
    found.route.dst !== dst &&
    lan.contains(Prefix.parse(found.route.dst));
  return [
    ...addressesOf(nic, family).map(address => ({ src: hostPrefix(address), ...exception })),
    ...(nic.routes.some(isWithin) ? [{ ...exception, suppressPrefixLength: lan.length }] : []),
  ].map(wanted => ({ kind: 'rule', place: 'pod', dev: nic.name, wanted }));
}
