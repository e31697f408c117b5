// What an earlier ADD left on the pair and leads there, and what is in its place: read where there is a pair.
import {
  type Address,
  mainTable,
  NetlinkError,
  neighbour,
  type Outcome,
  type Route,
  type Rtnetlink,
  route,
} from '@spider/rtnetlink';
import type { NodeView, Ours, Pair } from './facts.ts';
import {
  fallbackRulePriority,
  isOurs,
  lanExceptionPriority,
  lanRulePriority,
  podEndAddress,
  replyRulePriority,
  rulePriority,
} from './identity.ts';
import { bare, type Tagged } from './part.ts';
import { hostPrefix } from './plan/prefix.ts';

/** What stands in the pod, whosever it is. */
interface InPod extends Tagged {
  readonly addresses: readonly Pick<Address, 'address' | 'scope' | 'index'>[];
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
export function misplacedIn({ addresses, routes, rules }: InPod, { podIndex }: Pick<Pair, 'podIndex'>) {
  const isPodEnds = ({ index, address }: (typeof addresses)[number]) =>
    index === podIndex && address !== undefined && bare(address) === bare(podEndAddress);
  return {
    misfits: addresses.filter(
      found => isPodEnds(found) && !(found.address === podEndAddress && found.scope === 'link'),
    ),
    contested: {
      routes: contestedAmong(routes),
      rules: rules.filter(found => !isOurs(found) && ourPriorities.includes(found.priority)),
    },
  };
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
  const keyOf = ({ table, dst, tos, priority = 0 }: Route) => `${table} ${dst} ${tos} ${priority}`;
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
  const ours = { routes: routes.filter(isOurs), neighbours: neighbours.filter(isOurs) };
  return {
    ours,
    views: asked.map((one, i) => [
      one.own,
      {
        ...one.view,
        source: sourceOf(one, besides[i]!),
        rival: rivalOf(
          one,
          ours.routes.find(({ dst }) => dst === hostPrefix(one.own)),
        ),
      },
    ]),
  };
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

/** By what a look-up fails, the type of the route that it ended at. */
const denials: Readonly<Record<string, Route['type']>> = {
  EINVAL: 'blackhole',
  EACCES: 'prohibit',
  EHOSTUNREACH: 'unreachable',
};

/** What the kernel goes by where ours is there. In IPv4 alone the request to delete it tells one type from another. */
function rivalOf({ view, match: { value, error } }: Asked, ours: Route | undefined): Route | undefined {
  if (!ours) return undefined;
  if (view.route && value) return value.oif === ours.oif && isOurs(value) ? undefined : value;
  const type = error instanceof NetlinkError && ours.family === 'inet' ? denials[error.code] : undefined;
  const { family, dst } = ours;
  return type === undefined ? undefined : ({ family, dst, table: mainTable, tos: 0, type } as Route);
}
