// Recovers the configuration of a pod's ADD from the kernel's objects, for where the runtime keeps none.
import { Prefix } from '@spider/ip';
import { familyOf, ipFamilies, type Route } from '@spider/rtnetlink';
import type { Config } from '../../config/config.ts';
import { isOurs, replyTable } from '../../datapath.ts';
import type { Facts } from '../../facts.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { staysInMain } from '../../plan/main-table.ts';
import { parseConfig } from '../configuration.ts';

/** `routes` are those of all NICs through the pair: a destination of one NIC is one of the others too. */
export function recoverConfig(facts: Facts, routes: readonly Route[]): Config {
  const { nic, pair } = facts;
  const unset = parseConfig({ rp_filter: { enabled: false } });
  const usual = new Set(destinationsOf(unset, facts));
  // The default route of the reply table is no configured CIDR.
  const ours = routes.filter(route => isOurs(route) && route.table !== replyTable);
  const others = new Set(ours.flatMap(({ dst }) => (dst && !usual.has(dst) ? [dst] : [])));
  const own = ours.filter(({ prefsrc }) => nic.addresses.includes(prefsrc ?? ''));
  const mtus = new Set(own.map(({ metrics }) => metrics?.mtu));
  return {
    ...unset,
    cidrs: [...others].map(dst => Prefix.parse(dst)),
    // If the NIC's MTU is smaller than the pair's, its routes through the pair have it as a metric.
    mtu: mtus.size > 1 ? undefined : ([...mtus][0] ?? pair?.mtu),
    replyMark: replyMarkOf(facts),
    movesRoutes: !ipFamilies.some(family => staysInMain(nic, family)),
  };
}

/** The mark, if each family of the NIC has a reply path. One of another family may be there for another NIC. */
function replyMarkOf({ nic, replyMark, ours }: Facts): number | undefined {
  const found = [...ours.pod.rules, ...ours.pod.routes].filter(({ table }) => table === replyTable);
  const hasReplyPath = (address: string) => found.some(({ family }) => family === familyOf(address));
  return nic.addresses.every(hasReplyPath) ? replyMark : undefined;
}
