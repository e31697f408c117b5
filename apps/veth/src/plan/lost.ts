// Routes that a secondary NIC has lost, or never got, and that are in neither table.
import { Address, InterfaceAddress, Prefix } from '@spider/ip';
import { mainTable } from '@spider/rtnetlink';
import { lanRulePriority } from '../datapath.ts';
import type { Facts, Nic, NicRoute } from '../facts.ts';
import { type Family, familyOf } from '../family.ts';
import { addressesOf, prefixMetric } from './nic-routes.ts';
import type { Path } from './path.ts';

/**
 * The NIC's LANs that have a rule but have lost their route. It is restored as the kernel makes it: for IPv4 with the
 * address as source, for IPv6 without a source and with a metric of its own.
 */
export function lostLans({ ours }: Facts, { nic, family, table }: Path, found: readonly NicRoute[]): NicRoute[] {
  const led = ours.pod.rules.filter(
    rule => rule.priority === lanRulePriority && rule.table === table && rule.family === family,
  );
  return led.flatMap(({ dst }): NicRoute[] => {
    if (dst === undefined || found.some(({ route }) => route.dst === dst)) return [];
    const lan = Prefix.parse(dst);
    const prefsrc = addressesOf(nic, family).find(address => lan.contains(Address.parse(address)));
    if (prefsrc === undefined) return [];
    return [{ table: 'own', route: family === 'inet' ? { dst, prefsrc } : { dst, priority: prefixMetric } }];
  });
}

/**
 * Routes of `prevResult` for `main` that are in neither table: they were lost, or could not be added because another NIC
 * had a route to the same destination. A route without a gateway gets that of the address of its family, which is how
 * plugins read the SPEC (section 5).
 */
export function lostRoutes(
  { nic: current, prevResult }: Facts,
  { nic, family }: Path,
  found: readonly NicRoute[],
): NicRoute[] {
  if (nic !== current) return [];
  const { routes = [], ips = [] } = prevResult;
  const usual = ips.find(({ address, gateway }) => gateway && familyOf(address) === family)?.gateway;
  return routes
    .filter(({ dst, gw = dst, table = mainTable }) => table === mainTable && [dst, gw].every(isOfFamily(family)))
    .map(told => ({ ...told, dst: InterfaceAddress.parse(told.dst).prefix.toString() }))
    .filter(({ dst }) => !found.some(({ route }) => route.dst === dst))
    .map(({ dst, gw: gateway = usual, priority, mtu, advmss }) => ({
      table: 'own',
      route: {
        dst,
        ...(gateway !== undefined && { gateway, ...(!isInLan(nic, gateway) && { onlink: true }) }),
        ...(priority !== undefined && { priority }),
        ...((mtu ?? advmss) !== undefined && { metrics: { ...(mtu && { mtu }), ...(advmss && { advmss }) } }),
      },
    }));
}

const isOfFamily = (family: Family) => (text: string) => familyOf(text) === family;

/** The kernel accepts other gateways only with `onlink`. */
function isInLan({ lans }: Nic, gateway: string): boolean {
  return lans.some(
    lan => familyOf(lan) === familyOf(gateway) && InterfaceAddress.parse(lan).prefix.contains(Address.parse(gateway)),
  );
}
