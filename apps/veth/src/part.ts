// What of the pod's is one NIC's. DEL takes it away, and ADD again what of it is out of date.
import { mainTable, type Route, type Rule } from '@spider/rtnetlink';
import { lanExceptionPriority, lanRulePriority, replyRulePriority, replyTable } from './identity.ts';
import { bare } from './prefix.ts';

/** How to tell. */
export interface Owner {
  /** An address of its own, or one that nobody has any more. */
  readonly ownsAddress: (address: string | undefined) => boolean;
  readonly ownsTable: (table: number) => boolean;
}

/** Routes and rules, of those that bear our protocol number. */
export interface Tagged {
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
}

export function partOf(owner: Owner, { routes, rules }: Tagged): Tagged {
  return { routes: routes.filter(ownsRoute(owner, rules)), rules: ownRules(owner, rules) };
}

/**
 * Those of its table, and in main those from its addresses. The kernel takes a source that is gone out of IPv6 routes; the
 * metric still tells whose they are, where they were a secondary NIC's.
 */
function ownsRoute({ ownsAddress, ownsTable }: Owner, rules: readonly Rule[]): (route: Route) => boolean {
  const isSecondary = rules.some(({ family, table }) => family === 'inet6' && table !== replyTable && ownsTable(table));
  const isOthers = (metric = 0) => metric > replyTable && !ownsTable(metric);
  return ({ table, prefsrc, priority }) =>
    ownsTable(table) ||
    (table === mainTable && (prefsrc === undefined ? !isSecondary && !isOthers(priority) : ownsAddress(prefsrc)));
}

/** Those that lead to the NIC's table, those for what it sends, and the exceptions for its LANs. */
function ownRules({ ownsTable, ownsAddress }: Owner, rules: readonly Rule[]): Rule[] {
  const leading = rules.filter(
    ({ priority, table }) => ownsTable(table) || (priority === replyRulePriority && ownsTable(replyTable)),
  );
  const lans = new Set(leading.flatMap(({ priority, dst }) => (priority === lanRulePriority && dst ? [dst] : [])));
  const others = rules.filter(({ priority, table }) => priority === lanRulePriority && !ownsTable(table));
  for (const { dst } of others) lans.delete(dst!);
  const isItsOwn = ({ priority, src, dst }: Rule) =>
    (src !== undefined && ownsAddress(bare(src))) || (priority === lanExceptionPriority && lans.has(dst!));
  return [...leading, ...rules.filter(found => !leading.includes(found) && isItsOwn(found))];
}
