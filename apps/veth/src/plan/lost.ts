// Routes that a secondary NIC has lost, or never got, and that are in neither table.
import { Address, InterfaceAddress, Prefix } from '@spider/ip';
import { familyOf, type IPFamily, mainTable } from '@spider/rtnetlink';
import { lanRulePriority } from '../datapath.ts';
import type { Facts, Nic, NicRoute } from '../facts.ts';
import { isDirect } from './connected.ts';
import { addressesOf, prefixMetric } from './nic-routes.ts';
import type { Path } from './path.ts';

/**
 * The NIC's LANs that have lost their route: those that have a rule, and those of gateways, also of lost routes, that no
 * other route leads to. The route is restored as the kernel makes it: for IPv4 with the address as source, for IPv6 without
 * a source and with a metric of its own.
 */
export function lostLans(
  { ours }: Facts,
  { nic, family, table }: Path,
  found: readonly NicRoute[],
  lost: readonly NicRoute[],
): NicRoute[] {
  const led = ours.pod.rules.filter(
    rule => rule.priority === lanRulePriority && rule.table === table && rule.family === family,
  );
  const isReached = (gateway: string) => found.some(({ route }) => isDirect(route) && contains(route.dst, gateway));
  const needed = [...found, ...lost].flatMap(({ route: { gateway, onlink } }) =>
    gateway === undefined || onlink || isReached(gateway) ? [] : (lanOf(nic, gateway) ?? []),
  );
  return [...new Set([...led.map(({ dst }) => dst), ...needed])].flatMap((dst): NicRoute[] => {
    if (dst === undefined || found.some(({ route }) => route.dst === dst)) return [];
    const prefsrc = addressesOf(nic, family).find(address => contains(dst, address));
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
        ...(gateway !== undefined && { gateway, ...(!lanOf(nic, gateway) && { onlink: true }) }),
        ...(priority !== undefined && { priority }),
        ...((mtu ?? advmss) !== undefined && { metrics: { ...(mtu && { mtu }), ...(advmss && { advmss }) } }),
      },
    }));
}

const isOfFamily = (family: IPFamily) => (text: string) => familyOf(text) === family;

/** The NIC's LAN that an address is in. */
function lanOf({ lans }: Nic, address: string): string | undefined {
  return lans.map(lan => InterfaceAddress.parse(lan).prefix.toString()).find(lan => contains(lan, address));
}

function contains(prefix: string, address: string): boolean {
  return familyOf(prefix) === familyOf(address) && Prefix.parse(prefix).contains(Address.parse(address));
}
