// The routes of one NIC among those that the kernel tells.
import { pathsOf, type Route, type RouteInput } from '@spider/rtnetlink';
import { type Family, familyOf } from './pod.ts';

/** What one asks of the kernel to get a route. */
export type WantedRoute = RouteInput & { readonly dst: string; readonly table: number };

export const anywhere: Readonly<Record<Family, string>> = { inet: '0.0.0.0/0', inet6: '::/0' };

export function isDefault({ dst }: { readonly dst?: string | undefined }): boolean {
  return dst === anywhere.inet || dst === anywhere.inet6;
}

export function leadsThrough(index: number): (route: Route) => boolean {
  return route => pathsOf(route).some(({ oif }) => oif === index);
}

/**
 * The route again in another table, through this NIC alone, with all its attributes. Where the kernel learned it from a
 * router advertisement, its lifetime is left out: nobody would prolong it.
 */
export function ownPart(found: Route, index: number, table: number): WantedRoute[] {
  const { family, flags, fibMatch, lookupTable, oif, gateway, via, nexthops, onlink, expires, ...route } = found;
  const own = pathsOf(found).filter(path => path.oif === index);
  const { dst, protocol } = route;
  if (dst === undefined || own.length === 0) return [];
  const lasting = { ...route, dst, table, ...(protocol !== 'ra' && { expires }) };
  // An object of ip-nexthop(8) has all that the kernel tells of the paths.
  if (route.nexthopId !== undefined) return [lasting];
  if (own.length > 1) return [{ ...lasting, nexthops: own }];
  const { flags: pathFlags = 0, hops, ...path } = own[0]!;
  return [{ ...lasting, ...path, onlink: (pathFlags & onlinkFlag) !== 0 }];
}

/** RTNH_F_ONLINK */
const onlinkFlag = 4;

/** What tells the route from others of its table. */
export function keyOf({ dst, priority, tos }: RouteInput): string {
  const unset = familyOf(dst ?? '') === 'inet' ? 0 : 1024;
  return [dst, priority ?? unset, tos ?? 0].join(' ');
}

/** True where the route has all attributes that are wanted. */
export function agrees(wanted: RouteInput, actual: RouteInput): boolean {
  return Object.entries(wanted).every(
    ([name, value]) =>
      value === undefined ||
      name === 'expires' ||
      (value === false ? !actual[name as keyof RouteInput] : isSame(value, actual[name as keyof RouteInput])),
  );
}

function isSame(wanted: unknown, actual: unknown): boolean {
  return JSON.stringify(wanted) === JSON.stringify(actual);
}
