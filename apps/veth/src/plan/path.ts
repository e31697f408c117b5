// Which routing table a NIC's traffic uses.
import { anywhere, familyOf, type IPFamily, ipFamilies, mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { ownTable } from '../datapath.ts';
import type { Facts, Nic, NicRoute } from '../facts.ts';
import { attachmentOf } from '../names.ts';
import { destinationsOf } from './destinations.ts';
import { staysInMain } from './main-table.ts';

/** How a NIC's traffic of one family is routed in the pod. */
export interface Path {
  readonly nic: Nic;
  readonly family: IPFamily;
  /** The NIC's first address of the family: the source of what it sends through the pair. */
  readonly source: string;
  readonly table: number;
  /** Traffic to the cluster goes through the pair. Not so for the NIC of an overlay network. */
  readonly throughPair: boolean;
  /** The NIC has to leave main. */
  readonly demoted?: true;
}

/** The paths of the call's NIC, and of those that have to leave main for it. */
export function pathsOf(config: Config, facts: Facts): Path[] {
  const { nic } = facts;
  const paths: Path[] = [];
  for (const family of ipFamilies) {
    const source = sourceOf(nic, family);
    if (!source) continue;
    const table = tableOf(config, facts, family);
    paths.push({ nic, family, source, table, throughPair: true });
    if (table === mainTable)
      for (const predecessor of predecessorsOf(config, facts, family)) paths.push(...demoted(predecessor, family));
  }
  return paths;
}

/**
 * The NICs that have to leave main for this one. If it has a default route, that is the primary NIC. If `default_route`
 * names it, it is also every NIC with a default route in main. A secondary NIC whose routes were left in main
 * (`move_routes`) leaves only when this one becomes primary, and so does another plugin's NIC that has routes where ours
 * come. Another plugin's NIC that has left has no ADD to restore its rules, so this one does.
 */
function predecessorsOf(config: Config, facts: Facts, family: IPFamily): Nic[] {
  const { nic, others, ours } = facts;
  const isAttached = ({ name }: Nic) => ours.attachments.some(attached => attachmentOf(attached).ifName === name);
  const isNamed = config.defaultRoute === nic.name;
  const takesOver = isNamed || ownsDefault(nic, family);
  const isNew = !nic.primary.has(family);
  return others.filter(other => {
    const yields = isNamed && ownsDefault(other, family);
    if (other.ownTables.has(family)) return (yields && isNew) || !(isAttached(other) || staysInMain(other, family));
    if (yields || (takesOver && other.primary.has(family))) return true;
    if (!isNew || other.served.has(family)) return false;
    return hasRouteTo(
      other,
      destinationsOf(config, facts).filter(dst => familyOf(dst) === family),
    );
  });
}

function demoted(nic: Nic, family: IPFamily): Path[] {
  const source = sourceOf(nic, family);
  return source
    ? [{ nic, family, source, table: ownTable(nic.index), throughPair: nic.served.has(family), demoted: true }]
    : [];
}

function sourceOf({ addresses }: Nic, family: IPFamily): string | undefined {
  for (const address of addresses) if (familyOf(address) === family) return address;
  return undefined;
}

/**
 * The main table if the NIC is primary: the first one in main, the owner of the default route, or the one that
 * `default_route` names. A later NIC gets its own table, so a running pod keeps its default route. A NIC stays what it was
 * at its first ADD, unless another takes the default route from it.
 */
function tableOf({ defaultRoute }: Config, { nic, others }: Facts, family: IPFamily): number {
  if (defaultRoute === nic.name) return mainTable;
  // An overlay's NIC, which has no ADD of ours, may have come later than this one: containerd attaches all networks at once.
  const isPrimary = (other: Nic) =>
    other.primary.has(family) || (!other.served.has(family) && ownsDefault(other, family));
  const named = others.some(other => other.name === defaultRoute && isPrimary(other));
  if (named || nic.ownTables.has(family)) return ownTable(nic.index);
  const isInMain = (other: Nic) =>
    sourceOf(other, family) && !other.ownTables.has(family) && !hasLostDefault(other, family);
  const first = ownsDefault(nic, family) && !others.some(other => ownsDefault(other, family));
  return nic.primary.has(family) || first || !others.some(isInMain) ? mainTable : ownTable(nic.index);
}

/**
 * True for another plugin's NIC that has routes, but no default route: Multus has removed it, to give the pod another
 * (`default-route`). A NIC without routes may be one that is being made.
 */
function hasLostDefault(nic: Nic, family: IPFamily): boolean {
  const isAdded = ({ table, route }: NicRoute) => table === 'main' && route.protocol !== 'kernel';
  return !nic.served.has(family) && !ownsDefault(nic, family) && nic.routes.some(isAdded);
}

function ownsDefault(nic: Nic, family: IPFamily): boolean {
  return hasRouteTo(nic, [anywhere[family]]);
}

/** True if it has a route in main to one of the destinations. */
function hasRouteTo({ routes }: Nic, destinations: readonly string[]): boolean {
  return routes.some(({ table, route }) => table === 'main' && destinations.includes(route.dst));
}
