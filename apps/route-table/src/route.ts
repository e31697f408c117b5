// The routes of one NIC, among those that the kernel reports.
import { anywhere, familyOf, pathsOf, type Route, type RouteInput } from '@spider/rtnetlink';

/** A route as it is requested from the kernel. */
export type WantedRoute = RouteInput & { readonly dst: string; readonly table: number };

export function isDefault({ dst }: { readonly dst?: string | undefined }): boolean {
  return dst === anywhere.inet || dst === anywhere.inet6;
}

export function leadsThrough(index: number): (route: Route) => boolean {
  return route => pathsOf(route).some(({ oif }) => oif === index);
}

/**
 * The part of a route that goes through this NIC, for another table, with all its attributes. The lifetime of a route from
 * a router advertisement is left out, because the kernel would not renew that of the copy.
 */
export function ownPart(found: Route, index: number, table: number): WantedRoute[] {
  const { family, flags, fibMatch, lookupTable, oif, gateway, via, nexthops, onlink, expires, ...route } = found;
  const own = pathsOf(found).filter(path => path.oif === index);
  const { dst, protocol } = route;
  if (dst === undefined || own.length === 0) return [];
  const base = { ...route, dst, table, ...(protocol !== 'ra' && { expires }) };
  // A nexthop object, ip-nexthop(8), determines the paths.
  if (route.nexthopId !== undefined) return [base];
  if (own.length > 1) return [{ ...base, nexthops: own }];
  const { flags: pathFlags = 0, hops, ...path } = own[0]!;
  return [{ ...base, ...path, onlink: (pathFlags & onlinkFlag) !== 0 }];
}

/** RTNH_F_ONLINK */
const onlinkFlag = 4;

/** The attributes that identify a route in its table. */
export function keyOf({ dst, priority, tos }: RouteInput): string {
  const defaultMetric = familyOf(dst ?? '') === 'inet' ? 0 : 1024;
  return [dst, priority ?? defaultMetric, tos ?? 0].join(' ');
}

/** True if the route has all wanted attributes. */
export function agrees(wanted: RouteInput, actual: RouteInput): boolean {
  return Object.entries(wanted).every(
    ([name, value]) =>
      value === undefined ||
      name === 'expires' ||
      (value === false ? !actual[name as keyof RouteInput] : isSame(value, actual[name as keyof RouteInput])),
  );
}

function isSame(wanted: unknown, actual: unknown): boolean {
  if (typeof wanted !== 'object' || typeof actual !== 'object' || !wanted || !actual) return wanted === actual;
  const names = Object.keys(wanted);
  return (
    names.length === Object.keys(actual).length &&
    names.every(name => isSame(wanted[name as keyof object], actual[name as keyof object]))
  );
}
