// Which of the pod's tables the traffic of a NIC goes by.
import { mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { anywhere, type Facts, type Family, families, familyOf, type Nic } from '../facts.ts';
import { ownTable } from '../identity.ts';

/** How a NIC's traffic of one family is routed in the pod. */
export interface Path {
  readonly nic: Nic;
  readonly family: Family;
  /** The NIC's first address of the family: where what goes through the pair comes from. */
  readonly source: string;
  readonly table: number;
  /** It goes to the cluster through the pair; not so where the NIC is an overlay network's. */
  readonly throughPair: boolean;
}

/** The paths of the call's NIC, and of a NIC that has to give up the default route for it. */
export function pathsOf(config: Config, facts: Facts): Path[] {
  const { nic, others } = facts;
  const paths: Path[] = [];
  for (const family of families) {
    const source = sourceOf(nic, family);
    if (!source) continue;
    paths.push({ nic, family, source, table: tableOf(config, facts, family), throughPair: true });
    const predecessor = config.defaultRoute === nic.name ? defaultOwner(others, family) : undefined;
    if (predecessor) paths.push(...demoted(predecessor, family));
  }
  return paths;
}

function demoted(nic: Nic, family: Family): Path[] {
  const source = sourceOf(nic, family);
  return source ? [{ nic, family, source, table: ownTable(nic.index), throughPair: nic.served.has(family) }] : [];
}

function sourceOf({ addresses }: Nic, family: Family): string | undefined {
  for (const address of addresses) if (familyOf(address) === family) return address;
  return undefined;
}

/**
 * The main table where the NIC is primary: the pod's only one, the one that owns the default route, or the one that the
 * configuration gives it to. A later NIC has a table of its own, and the running pod keeps its default route. What a
 * NIC was at its first ADD it stays.
 */
function tableOf({ defaultRoute }: Config, { nic, others }: Facts, family: Family): number {
  if (defaultRoute === nic.name) return mainTable;
  if (nic.ownTables.has(family)) return ownTable(nic.index);
  const alone = !others.some(other => sourceOf(other, family));
  const first = ownsDefault(nic, family) && !defaultOwner(others, family);
  return alone || first ? mainTable : ownTable(nic.index);
}

function defaultOwner(nics: readonly Nic[], family: Family): Nic | undefined {
  return nics.find(nic => ownsDefault(nic, family));
}

function ownsDefault({ routes }: Nic, family: Family): boolean {
  return routes.some(({ table, route }) => table === 'main' && route.dst === anywhere[family]);
}
