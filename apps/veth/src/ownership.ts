// Which of the pod's routes and rules belong to one NIC. DEL removes them, and another ADD removes those that are stale.
import { mainTable, type Route, type Rule, withoutLength } from '@spider/rtnetlink';
import { lanExceptionPriority, lanRulePriority, replyRulePriority, replyTable } from './datapath.ts';

/** What belongs to a NIC. */
export interface Owner {
  /** True for an address of the NIC, and for one that no link of the pod has any more. */
  readonly ownsAddress: (address: string | undefined) => boolean;
  readonly ownsTable: (table: number) => boolean;
}

export interface RoutesAndRules {
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
}

/** The routes and rules that belong to the owner. All given ones must have our protocol number. */
export function ownedBy(owner: Owner, { routes, rules }: RoutesAndRules): RoutesAndRules {
  return { routes: routes.filter(ownsRoute(owner, rules)), rules: ownRules(owner, rules) };
}

/**
 * True for routes in the NIC's table, and for routes in main with one of its addresses as source. The kernel removes the
 * source from an IPv6 route when the address is removed. Then only the metric tells a secondary NIC's routes from others.
 */
function ownsRoute({ ownsAddress, ownsTable }: Owner, rules: readonly Rule[]): (route: Route) => boolean {
  const isSecondary = rules.some(({ family, table }) => family === 'inet6' && table !== replyTable && ownsTable(table));
  const isOfAnother = (metric = 0) => metric > replyTable && !ownsTable(metric);
  return ({ table, prefsrc, priority }) =>
    ownsTable(table) ||
    (table === mainTable && (prefsrc === undefined ? !isSecondary && !isOfAnother(priority) : ownsAddress(prefsrc)));
}

/** The rules that lead to the NIC's table, those with its addresses as source, and the exceptions for its LANs. */
function ownRules({ ownsTable, ownsAddress }: Owner, rules: readonly Rule[]): Rule[] {
  const leading = rules.filter(
    ({ priority, table }) => ownsTable(table) || (priority === replyRulePriority && ownsTable(replyTable)),
  );
  const lans = new Set(leading.flatMap(({ priority, dst }) => (priority === lanRulePriority && dst ? [dst] : [])));
  const others = rules.filter(({ priority, table }) => priority === lanRulePriority && !ownsTable(table));
  for (const { dst } of others) lans.delete(dst!);
  const isOwned = ({ priority, src, dst }: Rule) =>
    (src !== undefined && ownsAddress(withoutLength(src))) || (priority === lanExceptionPriority && lans.has(dst!));
  return [...leading, ...rules.filter(found => !leading.includes(found) && isOwned(found))];
}
