// Routes from router advertisements (RFC 4861): the kernel adds them to main, and again with each advertisement.

import { anywhere } from '@spider/rtnetlink';
import type { Nic, NicRoute } from '../facts.ts';
import { isConnected } from './connected.ts';

/**
 * True for a route that expires unless it is advertised again: a default route, one of RFC 4191, or the route to the prefix
 * of an autoconfigured address.
 */
export function isAdvertised(nic: Nic, found: NicRoute): boolean {
  const { protocol, expires } = found.route;
  return expires !== undefined && (protocol === 'ra' || isConnected(nic, found));
}

/**
 * True for an advertised default route. These are the only ones that the kernel can be told to ignore (accept_ra_defrtr).
 */
export function isAdvertisedDefault(nic: Nic, found: NicRoute): boolean {
  return isAdvertised(nic, found) && found.route.dst === anywhere.inet6;
}
