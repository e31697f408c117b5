// Which of the pod's tables the traffic of a NIC goes by.
import { mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { ownTable } from '../datapath.ts';
import type { Facts, Nic } from '../facts.ts';
import { anywhere, type Family, families, familyOf } from '../family.ts';

/** How a NIC's traffic of one family is routed in the pod. */
export interface Path {
  readonly nic: Nic;
  readonly family: Family;
  /** The NIC's first address of the family: where what goes through the pair comes from. */
  readonly source: string;
  readonly table: number;
  /** It goes to the cluster through the pair; not so where the NIC is an overlay network's. */
  readonly throughPair: boolean;
  /** It was in main until now. */
  readonly demoted?: true;
}

/** The paths of the call's NIC, and of those that have to give up main for it. */
export function pathsOf(config: Config, facts: Facts): Path[] {
  const { nic } = facts;
  const paths: Path[] = [];
  for (const family of families) {
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
 * The primary one where the NIC has a default route; and where that is to be main's, all that have one there. Of those that
 * were told to leave theirs there, only the ones that came before it.
 */
function predecessorsOf({ defaultRoute }: Config, { nic, others }: Facts, family: Family): Nic[] {
  const isNamed = defaultRoute === nic.name;
  if (!isNamed && !ownsDefault(nic, family)) return [];
  const isNew = !nic.primary.has(family);
  return others.filter(other => {
    const yields = isNamed && ownsDefault(other, family);
    return other.ownTables.has(family) ? yields && isNew : yields || other.primary.has(family);
  });
}

function demoted(nic: Nic, family: Family): Path[] {
  const source = sourceOf(nic, family);
  return source
    ? [{ nic, family, source, table: ownTable(nic.index), throughPair: nic.served.has(family), demoted: true }]
    : [];
}

function sourceOf({ addresses }: Nic, family: Family): string | undefined {
  for (const address of addresses) if (familyOf(address) === family) return address;
  return undefined;
}

/**
 * The main table where the NIC is primary: the only one there, the one that owns the default route, or the one that the
 * configuration gives it to. A later NIC has a table of its own, and the running pod keeps its default route. What a
 * NIC was at its first ADD it stays, unless another comes with the default route.
 */
function tableOf({ defaultRoute }: Config, { nic, others }: Facts, family: Family): number {
  if (defaultRoute === nic.name) return mainTable;
  const named = others.some(other => other.name === defaultRoute && other.primary.has(family));
  if (named || nic.ownTables.has(family)) return ownTable(nic.index);
  const taken = others.some(other => sourceOf(other, family) && !other.ownTables.has(family));
  const first = ownsDefault(nic, family) && !others.some(other => ownsDefault(other, family));
  return nic.primary.has(family) || first || !taken ? mainTable : ownTable(nic.index);
}

function ownsDefault({ routes }: Nic, family: Family): boolean {
  return routes.some(({ table, route }) => table === 'main' && route.dst === anywhere[family]);
}
