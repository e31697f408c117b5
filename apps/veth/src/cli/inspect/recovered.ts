// The configuration that a pod's ADD had, as far as it shows in what stands: nothing else keeps it.
import { Prefix } from '@spider/ip';
import type { Route } from '@spider/rtnetlink';
import type { Config } from '../../config/config.ts';
import type { Facts } from '../../facts.ts';
import { protocol, replyTable } from '../../identity.ts';
import { isConnected } from '../../plan/connected.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { parseConfig } from '../configuration.ts';

/** `routes` are those through the pair, of all NICs: what one of them has another should have too. */
export function recoverConfig(facts: Facts, routes: readonly Route[]): Config {
  const { nic, pair } = facts;
  const unset = parseConfig({ rp_filter: { enabled: false } });
  const usual = new Set(destinationsOf(unset, facts));
  // The default route of replies is no CIDR.
  const ours = routes.filter(route => route.protocol === protocol && route.table !== replyTable);
  const others = new Set(ours.flatMap(({ dst }) => (dst && !usual.has(dst) ? [dst] : [])));
  const own = ours.filter(({ prefsrc }) => nic.addresses.includes(prefsrc ?? ''));
  const staysInMain = nic.routes.some(found => found.table === 'main' && !isConnected(nic, found));
  return {
    ...unset,
    cidrs: [...others].map(dst => Prefix.parse(dst)),
    // Routes through the pair tell a smaller MTU than the pair's only where the NIC has one.
    mtu: own.some(({ metrics }) => metrics?.mtu !== undefined) ? undefined : pair?.mtu,
    replyMark: facts.replyMark,
    movesRoutes: nic.ownTables.size === 0 || !staysInMain,
  };
}
