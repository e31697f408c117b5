import type { RouteNexthop } from './multipath.ts';
import type { Route } from './route.ts';

/** The flags of a route that belong to its path, RTNH_F_*. The higher bits are RTM_F_*. */
const pathFlags = 0xff;

/**
 * The paths of a route (`nexthop` of ip-route(8)): those of a multipath route, otherwise its only path. A route that
 * leads nowhere, such as a blackhole, has one path without an interface.
 */
export function pathsOf({
  nexthops,
  flags,
  oif,
  gateway,
  via,
  newLabels,
  encap,
  flow,
}: Route): readonly RouteNexthop[] {
  return nexthops ?? [{ flags: flags & pathFlags, hops: 0, oif, gateway, via, newLabels, encap, flow }];
}
