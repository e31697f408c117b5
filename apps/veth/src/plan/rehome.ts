// Which of the pod's tables a NIC's routes stand in, and how a later NIC's own routes get there.
import { mainTable } from '@spider/rtnetlink';
import { type Facts, type Family, familyOf, type Nic } from '../facts.ts';
import { ownTable, protocol, rulePriority } from '../identity.ts';
import type { DesiredObject, NetlinkObject } from '../object.ts';
import { hostPrefix } from './prefix.ts';

const isDefault = (dst: string): boolean => dst === '0.0.0.0/0' || dst === '::/0';

/**
 * The main table where the NIC is primary: the pod's only one, or the one that owns the default route. A later NIC has a
 * table of its own, and the running pod keeps its default route. What a NIC was at its first ADD it stays.
 */
export function tableOf({ nic, others }: Facts, family: Family): number {
  if (nic.ownTables.has(family)) return ownTable(nic.index);
  const { haveAddress, haveDefault } = others[family];
  const ownsDefault = nic.routes.some(
    ({ table, route }) => table === 'main' && isDefault(route.dst) && familyOf(route.dst) === family,
  );
  return !haveAddress || (ownsDefault && !haveDefault) ? mainTable : ownTable(nic.index);
}

/** What gives a secondary NIC its own table: its routes, added there before they leave `main`, and rules that lead there. */
export function rehomeObjects(nic: Nic, family: Family, table: number): DesiredObject[] {
  const own = nic.routes.filter(({ route }) => familyOf(route.dst) === family);
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
