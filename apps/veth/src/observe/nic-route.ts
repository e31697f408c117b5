// The routes of a NIC, each with all attributes that are needed to add it again.
import { mainTable, pathsOf, type Route, type RouteNexthop } from '@spider/rtnetlink';
import { isOurs, ownTable } from '../datapath.ts';
import type { NicRoute, RouteSpec } from '../facts.ts';
import { haveSameKey, toNexthopInputs, toRouteInput } from '../route.ts';

/** The routes through the NIC `index`, in the main table and in the NIC's own, each with this NIC's paths only. */
export function nicRoutesOf(index: number, routes: readonly Route[]): NicRoute[] {
  const nicRoutes: NicRoute[] = [];
  for (let i = 0; i < routes.length; i++) {
    const found = routes[i]!;
    const { family, table, dst } = found;
    const where = table === mainTable ? 'main' : table === ownTable(index) && isOurs(found) ? 'own' : undefined;
    const paths = pathsOf(found);
    const own = paths.filter(({ oif }) => oif === index);
    // Each link has its own link-local prefix, reached by naming the link.
    if (!where || !dst || own.length === 0 || dst.startsWith('fe80:')) continue;
    const whole = own.length === paths.length;
    // The paths of an IPv6 route can be removed one by one, unless they are those of a nexthop object.
    const inseparable = !whole && (family === 'inet' || found.nexthopId !== undefined);
    const others = paths.filter(path => !own.includes(path));
    const behind =
      family === 'inet' && routes.slice(0, i).some(earlier => earlier.table === table && haveSameKey(earlier, found));
    nicRoutes.push({
      table: where,
      route: { ...(whole ? specOf(found) : specWith(found, own)), dst },
      ...(inseparable && { remainder: { ...specWith(found, others), dst } }),
      ...(behind && { behind }),
      position: i,
    });
  }
  return nicRoutes;
}

type Spec = Omit<RouteSpec, 'dst'>;

/** The whole route. */
function specOf(found: Route): Spec {
  const { table, oif, dst, ...route } = toRouteInput(found);
  return route;
}

/** The route with these paths only. */
function specWith(
  { family, flags, fibMatch, table, oif, dst, nexthopId, ...route }: Route,
  paths: readonly RouteNexthop[],
): Spec {
  return { ...route, nexthops: toNexthopInputs(paths) };
}
