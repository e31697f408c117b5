import type { RouteNexthop } from './multipath.ts';
import type { Route } from './route.ts';

/** RTNH_F_* among the flags of a route, of which RTM_F_* are the higher bits. */
const pathFlags = 0xff;

/**
 * The paths of a route (ip-route(8), `nexthop`): those of a multipath route, else the only one. A route that leads
 * nowhere, such as a blackhole, has one without an interface.
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
