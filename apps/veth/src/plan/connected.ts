// Routes to the LANs of a NIC: the prefixes of its addresses.
import { Address, Prefix } from '@spider/ip';
import { familyOf, hostPrefix, type RouteInput } from '@spider/rtnetlink';
import { lanRulePriority, ownTable } from '../datapath.ts';
import type { Facts, Nic, NicRoute } from '../facts.ts';

/** True for a route without a gateway. */
export function isDirect({ gateway, via, nexthops, nexthopId }: Omit<RouteInput, 'dst'>): boolean {
  return (gateway ?? via ?? nexthops ?? nexthopId) === undefined;
}

/** True for the route to a LAN of the NIC: in main the kernel's own, in the NIC's table our copy. */
export function isConnected({ allAddresses }: Nic, { route }: NicRoute): boolean {
  const { dst } = route;
  if (!isDirect(route) || dst.endsWith('/0')) return false;
  const lan = Prefix.parse(dst);
  return [...allAddresses].some(
    address =>
      familyOf(address) === familyOf(dst) && dst !== hostPrefix(address) && lan.contains(Address.parse(address)),
  );
}

/**
 * True if the route to a LAN leaves main, because no other NIC of the pod is in that LAN. An advertised one stays, because
 * the kernel would add it again. What was decided at the NIC's first ADD stays, even if the other NIC goes.
 */
export function isOwnLan(
  { nic: current, others, ours }: Facts,
  nic: Nic,
  { route: { dst, expires } }: NicRoute,
): boolean {
  const isIn = (where: NicRoute['table'], { routes }: Nic) =>
    routes.some(({ table, route }) => table === where && route.dst === dst);
  const own = ownTable(nic.index);
  if (ours.pod.rules.some(found => found.priority === lanRulePriority && found.dst === dst && found.table === own))
    return true;
  if (isIn('own', nic)) return !isIn('main', nic);
  if (expires !== undefined) return false;
  return ![current, ...others].some(other => other.index !== nic.index && isIn('main', other));
}
