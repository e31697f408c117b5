// What an earlier ADD left on the pair and leads there, and what is in its place: read where there is a pair.
import { type Address, mainTable, neighbour, type Outcome, type Route, type Rtnetlink, route } from '@spider/rtnetlink';
import {
  fallbackRulePriority,
  isOurs,
  lanExceptionPriority,
  lanRulePriority,
  podEndAddress,
  replyRulePriority,
  rulePriority,
} from '../datapath.ts';
import type { NodeView, Ours } from '../facts.ts';
import type { RoutesAndRules } from '../ownership.ts';
import { bare, hostPrefix } from '../prefix.ts';

/** What stands in the pod, whosever it is. */
interface InPod extends RoutesAndRules {
  /** Those of the pod end. */
  readonly addresses: readonly Address[];
}

/** What the node was asked about an address of the pod. */
export interface Asked {
  readonly own: string;
  readonly view: NodeView;
  /** By which route it would be reached, or why it would not. */
  readonly match: Outcome<Route | undefined>;
  /** The node's addresses in a LAN of it. */
  readonly lans: readonly Pick<Address, 'address' | 'index'>[];
}

/** The pod end's address where it is not as it shall be, and what may have the place of ours. */
export function misplacedIn({ addresses, routes, rules }: InPod) {
  return {
    wrongAddresses: addresses.filter(isMisfit),
    contested: {
      routes: contestedAmong(routes),
      rules: rules.filter(({ priority }) => ourPriorities.includes(priority)),
    },
  };
}

function isMisfit({ address, scope, peer, broadcast }: Address): boolean {
  if (address === undefined || bare(address) !== bare(podEndAddress)) return false;
  return address !== podEndAddress || scope !== 'link' || (peer ?? broadcast) !== undefined;
}

const ourPriorities: readonly number[] = [
  replyRulePriority,
  rulePriority,
  lanExceptionPriority,
  lanRulePriority,
  fallbackRulePriority,
];

/** Those that share their key with one of ours. */
function contestedAmong(routes: readonly Route[]): Route[] {
  const keyOf = ({ table, dst, src, tos, priority = 0 }: Route) => `${table} ${dst} ${src} ${tos} ${priority}`;
  const counts = new Map(routes.filter(isOurs).map(found => [keyOf(found), 0]));
  for (const found of routes) {
    const count = counts.get(keyOf(found));
    if (count !== undefined) counts.set(keyOf(found), count + 1);
  }
  return routes.filter(found => counts.get(keyOf(found))! > 1);
}

/** What of ours stands on the node, and how it sees the addresses beside that. */
export function standingOn(
  node: Rtnetlink,
  oif: number,
  asked: readonly Asked[],
): { ours: Ours['node']; views: [string, NodeView][] } {
  const [routesFound, neighboursFound, ...besides] = node.settle([
    route.list({ oif }),
    neighbour.list({ index: oif }),
    // Our route leads to another link, so it is passed over.
    ...asked.map(({ own, lans }) => route.get({ dst: own, oif: lans[0]?.index ?? oif })),
  ]);
  const [routes, neighbours] = [routesFound, neighboursFound].map(({ value, error }) => {
    if (error) throw error;
    return value;
  }) as [Route[], Ours['node']['neighbours']];
  const own = routes.filter(isOurs);
  return {
    ours: { routes: own, neighbours: neighbours.filter(isOurs), contested: contestedOn(node, own, asked) },
    views: asked.map((one, i) => [one.own, { ...one.view, source: sourceOf(one, besides[i]!) }]),
  };
}

/** Only where the kernel goes by another than ours are all routes read: to one destination there may be any number of them. */
function contestedOn(node: Rtnetlink, own: readonly Route[], asked: readonly Asked[]): readonly Route[] {
  const isHidden = ({ dst, oif }: Route) =>
    asked.some(({ own: address, match: { value } }) => {
      return dst === hostPrefix(address) && !(value && isOurs(value) && value.oif === oif);
    });
  const hidden = new Set(own.filter(isHidden).map(({ dst }) => dst));
  if (hidden.size === 0) return own;
  const all = node.execute(route.list({ table: mainTable }));
  return [...own.filter(({ dst }) => !hidden.has(dst)), ...all.filter(({ dst }) => hidden.has(dst))];
}

/**
 * The address from which the node would reach it if there were no route of ours: that tells what it was given, by whomever.
 * Any in their LAN is right. Without a source of its own the kernel tells of one all the same; from IPv6 routes it takes one
 * that is gone.
 */
function sourceOf(
  { view: { source, route }, lans, match }: Asked,
  beside: Outcome<Route | undefined>,
): string | undefined {
  const inLan = lans.map(({ address }) => bare(address!));
  if (!route) return source;
  const given = match.value && isOurs(match.value) ? match.value.prefsrc : source;
  if (given !== undefined && inLan.includes(given)) return given;
  return (inLan.length > 0 ? beside.value?.prefsrc : undefined) ?? given ?? inLan[0];
}
