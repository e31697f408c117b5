// The configuration that a pod's ADD had, as far as it shows in what stands: nothing else keeps it.
import { Prefix } from '@spider/ip';
import type { Route } from '@spider/rtnetlink';
import type { Config } from '../../config/config.ts';
import type { Facts } from '../../facts.ts';
import { families, familyOf } from '../../family.ts';
import { isOurs, replyTable } from '../../identity.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { staysInMain } from '../../plan/rehome.ts';
import { parseConfig } from '../configuration.ts';

/** `routes` are those through the pair, of all NICs: what one of them has another should have too. */
export function recoverConfig(facts: Facts, routes: readonly Route[]): Config {
  const { nic, pair } = facts;
  const unset = parseConfig({ rp_filter: { enabled: false } });
  const usual = new Set(destinationsOf(unset, facts));
  // The default route of replies is no CIDR.
  const ours = routes.filter(route => isOurs(route) && route.table !== replyTable);
  const others = new Set(ours.flatMap(({ dst }) => (dst && !usual.has(dst) ? [dst] : [])));
  const own = ours.filter(({ prefsrc }) => nic.addresses.includes(prefsrc ?? ''));
  const mtus = new Set(own.map(({ metrics }) => metrics?.mtu));
  return {
    ...unset,
    cidrs: [...others].map(dst => Prefix.parse(dst)),
    // Routes through the pair tell a smaller MTU than the pair's where the NIC has one, or was told one.
    mtu: mtus.size > 1 ? undefined : ([...mtus][0] ?? pair?.mtu),
    replyMark: repliesBy(facts),
    movesRoutes: !families.some(family => staysInMain(nic, family)),
  };
}

/** The mark, where all of the NIC's families have something for it: another NIC may have asked for it, in another family. */
function repliesBy({ nic, replyMark, ours }: Facts): number | undefined {
  const found = [...ours.pod.rules, ...ours.pod.routes].filter(({ table }) => table === replyTable);
  const isAsked = (address: string) => found.some(({ family }) => family === familyOf(address));
  return nic.addresses.every(isAsked) ? replyMark : undefined;
}
