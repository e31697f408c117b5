// Routes that were found: how one would ask the kernel for them again, and which have one place.
import type { RouteInput, RouteNexthop } from '@spider/rtnetlink';

/** A route that was found: of those of IP the kernel always tells these two. */
type Settable = RouteInput & { readonly dst: string; readonly table: number };

/** All that it has, but for what the kernel tells and does not take. */
export function settable({ family, flags, fibMatch, nexthops, ...route }: RouteInput): Settable {
  if (route.nexthopId === undefined)
    return { ...route, ...(nexthops && { nexthops: settablePaths(nexthops) }) } as Settable;
  // The object says all of where packets go, and the kernel takes nothing beside it.
  const { oif, gateway, via, onlink, encap, flow, ...byObject } = route;
  return byObject as Settable;
}

const RTNH_F_ONLINK = 4;

/** Of a path the kernel tells that its link is down, too. */
export function settablePaths(paths: readonly RouteNexthop[]): RouteNexthop[] {
  return paths.map(path => ({ ...path, flags: (path.flags ?? 0) & RTNH_F_ONLINK }));
}

type Key = Pick<RouteInput, 'dst' | 'src' | 'tos' | 'priority'>;

/** Of those in one table the kernel goes by the first that has a way. */
export function isAlike(one: Key, other: Key): boolean {
  return (['dst', 'src', 'tos', 'priority'] as const).every(name => one[name] === other[name]);
}
