// What earlier ADDs made on the pair, and what competes with it. Read only if there is a pair.
import {
  type Address,
  hostPrefix,
  mainTable,
  neighbour,
  type Outcome,
  type Route,
  type Rtnetlink,
  route,
  withoutLength,
} from '@spider/rtnetlink';
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

/** The pod's objects, whoever made them. */
interface InPod extends RoutesAndRules {
  /** The addresses of the pod end. */
  readonly addresses: readonly Address[];
}

/** What is known of the node's route to an address of the pod. */
export interface NodeLookup {
  readonly own: string;
  readonly view: NodeView;
  /** The entry of the routing table that matches it, or why none does. */
  readonly match: Outcome<Route | undefined>;
  /** The node's addresses whose prefix contains it. */
  readonly lans: readonly Pick<Address, 'address' | 'index'>[];
}

/** The pod end's wrong addresses, and the routes and rules that may take precedence over ours. */
export function deviationsIn({ addresses, routes, rules }: InPod) {
  return {
    wrongAddresses: addresses.filter(isWrong),
    contested: {
      routes: contestedAmong(routes),
      rules: rules.filter(({ priority }) => ourPriorities.includes(priority)),
    },
  };
}

function isWrong({ address, scope, peer, broadcast }: Address): boolean {
  if (address === undefined || withoutLength(address) !== withoutLength(podEndAddress)) return false;
  return address !== podEndAddress || scope !== 'link' || (peer ?? broadcast) !== undefined;
}

const ourPriorities: readonly number[] = [
  replyRulePriority,
  rulePriority,
  lanExceptionPriority,
  lanRulePriority,
  fallbackRulePriority,
];

/** Routes with the key of one of ours, if there are several. */
function contestedAmong(routes: readonly Route[]): Route[] {
  const keyOf = ({ table, dst, src, tos, priority = 0 }: Route) => `${table} ${dst} ${src} ${tos} ${priority}`;
  const counts = new Map(routes.filter(isOurs).map(found => [keyOf(found), 0]));
  for (const found of routes) {
    const count = counts.get(keyOf(found));
    if (count !== undefined) counts.set(keyOf(found), count + 1);
  }
  return routes.filter(found => counts.get(keyOf(found))! > 1);
}

/** Our objects on the node, and how the node would reach the addresses without our routes. */
export function installedOn(
  node: Rtnetlink,
  oif: number,
  lookups: readonly NodeLookup[],
): { ours: Ours['node']; views: [string, NodeView][] } {
  const [routesFound, neighboursFound, ...withoutOurs] = node.settle([
    route.list({ oif }),
    neighbour.list({ index: oif }),
    // With `oif` of another link, the look-up skips our route.
    ...lookups.map(({ own, lans }) => route.get({ dst: own, oif: lans[0]?.index ?? oif })),
  ]);
  const [routes, neighbours] = [routesFound, neighboursFound].map(({ value, error }) => {
    if (error) throw error;
    return value;
  }) as [Route[], Ours['node']['neighbours']];
  const own = routes.filter(isOurs);
  return {
    ours: { routes: own, neighbours: neighbours.filter(isOurs), contested: contestedOn(node, own, lookups) },
    views: lookups.map((one, i) => [one.own, { ...one.view, source: sourceOf(one, withoutOurs[i]!) }]),
  };
}

/** Reads all routes only if the kernel uses another one than ours. */
function contestedOn(node: Rtnetlink, own: readonly Route[], lookups: readonly NodeLookup[]): readonly Route[] {
  const isHidden = ({ dst, oif }: Route) =>
    lookups.some(({ own: address, match: { value } }) => {
      return dst === hostPrefix(address) && !(value && isOurs(value) && value.oif === oif);
    });
  const hidden = new Set(own.filter(isHidden).map(({ dst }) => dst));
  if (hidden.size === 0) return own;
  const all = node.execute(route.list({ table: mainTable }));
  return [...own.filter(({ dst }) => !hidden.has(dst)), ...all.filter(({ dst }) => hidden.has(dst))];
}

/**
 * The source with which the node would reach the address if our route did not exist. Our route's own source is right if it
 * is in a LAN of the address. Otherwise it may be missing or out of date: the kernel removes the source from an IPv6 route
 * when the address is removed, and reports one for a route without.
 */
function sourceOf(
  { view: { source, route }, lans, match }: NodeLookup,
  withoutOurs: Outcome<Route | undefined>,
): string | undefined {
  const inLan = lans.map(({ address }) => withoutLength(address!));
  if (!route) return source;
  const given = match.value && isOurs(match.value) ? match.value.prefsrc : source;
  if (given !== undefined && inLan.includes(given)) return given;
  return (inLan.length > 0 ? withoutOurs.value?.prefsrc : undefined) ?? given ?? inLan[0];
}
