// What routers advertise (RFC 4861): the kernel keeps it in main, and puts it back there with each advertisement.
import type { Nic, NicRoute } from '../facts.ts';
import { anywhere } from '../family.ts';
import { isConnected } from './connected.ts';

/**
 * True for a route that lasts only if it is advertised again: a default route, one of RFC 4191, or that to the prefix of an
 * address which the kernel made.
 */
export function isAdvertised(nic: Nic, found: NicRoute): boolean {
  const { protocol, expires } = found.route;
  return expires !== undefined && (protocol === 'ra' || isConnected(nic, found));
}

/** True for a default route that a router advertises. Of these alone the kernel can be told to bring none. */
export function isAdvertisedDefault(nic: Nic, found: NicRoute): boolean {
  return isAdvertised(nic, found) && found.route.dst === anywhere.inet6;
}
