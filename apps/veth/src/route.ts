// Conversions and comparison of routes that the kernel reports.
import type { RouteInput, RouteNexthop } from '@spider/rtnetlink';

/** The kernel reports destination and table of every IP route. */
type AddableRoute = RouteInput & { readonly dst: string; readonly table: number };

/** The attributes with which a reported route can be added again: without those that the kernel reports but refuses. */
export function toRouteInput({ family, flags, fibMatch, nexthops, ...route }: RouteInput): AddableRoute {
  if (route.nexthopId === undefined)
    return { ...route, ...(nexthops && { nexthops: toNexthopInputs(nexthops) }) } as AddableRoute;
  // The nexthop object determines the path, and the kernel refuses attributes that would too.
  const { oif, gateway, via, onlink, encap, flow, ...byObject } = route;
  return byObject as AddableRoute;
}

const RTNH_F_ONLINK = 4;

/** Without the flags that report the state of the path's link. */
export function toNexthopInputs(paths: readonly RouteNexthop[]): RouteNexthop[] {
  return paths.map(path => ({ ...path, flags: (path.flags ?? 0) & RTNH_F_ONLINK }));
}

type Key = Pick<RouteInput, 'dst' | 'src' | 'tos' | 'priority'>;

/** True for two routes of one table with the same key. Of those the kernel uses the first that is usable. */
export function haveSameKey(one: Key, other: Key): boolean {
  return (['dst', 'src', 'tos', 'priority'] as const).every(name => one[name] === other[name]);
}
