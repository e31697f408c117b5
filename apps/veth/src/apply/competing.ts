// Routes with the key of a planned one, which replaces them.
import { familyOf, NetlinkError, type Request, type Route, type RouteInput, route } from '@spider/rtnetlink';
import { podEnd } from '../datapath.ts';
import { findExisting, hasKey } from '../object/match.ts';
import type { Actual, NetlinkObject } from '../object/object.ts';

type RouteObject = Extract<NetlinkObject, { readonly kind: 'route' }>;

/** True if another route has the key: one in a new pod, whose routes were not read, or one through another device. */
export function isUnexpectedRoute(object: NetlinkObject, error: Error): object is RouteObject {
  const { kind, absent, behind } = object;
  return kind === 'route' && !absent && !behind && error instanceof NetlinkError && error.code === 'EEXIST';
}

/** Lists the routes with this destination only, so that those of a large table are not decoded. */
export function routesTo({ wanted: { dst, table } }: RouteObject): Request<Route[]> {
  return route.list({ family: familyOf(dst), dst, table });
}

/** The existing routes with the key of a planned one. */
export interface CompetingRoutes {
  /** The route that the kernel replaces. */
  readonly replaced: Actual[NetlinkObject['kind']][number];
  readonly all: readonly RouteInput[];
  /**
   * Those that the kernel would still prefer to ours, so they are deleted. For IPv6 it does not always replace the first.
   */
  readonly preferred: readonly RouteInput[];
}

export function competingWith(object: NetlinkObject, index: number, actual: Actual): CompetingRoutes | undefined {
  const replaced = findExisting(object, index, actual);
  if (!replaced) return undefined;
  const all: readonly RouteInput[] = actual.route.filter(found => hasKey(object, found));
  const at = all.indexOf(replaced);
  const isPreferred = ({ pref }: RouteInput, i: number) => i < at || (i > at && pref === 'high');
  const isOurs = isOnPair(object) && !object.absent && !object.behind;
  return { replaced, all, preferred: isOurs ? all.filter(isPreferred) : [] };
}

export function isOnPair({ dev, place }: NetlinkObject): boolean {
  return dev === podEnd || place === 'node';
}
