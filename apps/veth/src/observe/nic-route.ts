// The routes of a NIC, each as one would ask the kernel for it again: with all that it has.
import { mainTable, pathsOf, type Route, type RouteNexthop } from '@spider/rtnetlink';
import { isOurs, ownTable } from '../datapath.ts';
import type { NicRoute, RouteSpec } from '../facts.ts';
import { haveSameKey, toNexthopInputs, toRouteInput } from '../route.ts';

/** What matters of the routes to the NIC `index`: its own paths, in the main table and in the NIC's. */
export function nicRoutesOf(index: number, routes: readonly Route[]): NicRoute[] {
  const nicRoutes: NicRoute[] = [];
  for (let i = 0; i < routes.length; i++) {
    const found = routes[i]!;
    const { family, table, dst } = found;
    const stands = table === mainTable ? 'main' : table === ownTable(index) && isOurs(found) ? 'own' : undefined;
    const paths = pathsOf(found);
    const own = paths.filter(({ oif }) => oif === index);
    // Link-local prefixes are every link's own, and reached by naming the link.
    if (!stands || !dst || own.length === 0 || dst.startsWith('fe80:')) continue;
    const whole = own.length === paths.length;
    // IPv6 has each path for itself, unless a nexthop object holds them together.
    const together = !whole && (family === 'inet' || found.nexthopId !== undefined);
    const others = paths.filter(path => !own.includes(path));
    const behind =
      family === 'inet' && routes.slice(0, i).some(earlier => earlier.table === table && haveSameKey(earlier, found));
    nicRoutes.push({
      table: stands,
      route: { ...(whole ? specOf(found) : specBy(found, own)), dst },
      ...(together && { remainder: { ...specBy(found, others), dst } }),
      ...(behind && { behind }),
      position: i,
    });
  }
  return nicRoutes;
}

type Spec = Omit<RouteSpec, 'dst'>;

/** The whole of a route. */
function specOf(found: Route): Spec {
  const { table, oif, dst, ...route } = toRouteInput(found);
  return route;
}

/** A route with these paths. */
function specBy(
  { family, flags, fibMatch, table, oif, dst, nexthopId, ...route }: Route,
  paths: readonly RouteNexthop[],
): Spec {
  return { ...route, nexthops: toNexthopInputs(paths) };
}
