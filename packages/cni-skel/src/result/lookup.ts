// Answers that a result holds, but not in one place.
import { versionOf } from './address.ts';
import type { DNS, Interface, IPConfig, Result, Route } from './result.ts';

/** The interface that has an address, or undefined where the result does not say or points at none. */
export function interfaceOf(result: Result, ip: IPConfig): Interface | undefined {
  return ip.interface === undefined ? undefined : result.interfaces?.[ip.interface];
}

/** A route's next hop: its own, else the first gateway of its family among the addresses (SPEC section 5). */
export function gatewayOf(result: Result, route: Route): string | undefined {
  const family = versionOf(route.dst);
  return route.gw ?? result.ips?.find(({ gateway }) => gateway && versionOf(gateway) === family)?.gateway;
}

/**
 * The DNS settings to return: the configuration's where it has any, even an empty one, else the IPAM plugin's. They
 * are never merged, as in the reference plugins.
 */
export function dnsOf(conf: { readonly dns?: DNS | undefined }, ipamResult: Result): DNS | undefined {
  const configured = conf.dns && Object.values(conf.dns).some(value => value !== undefined);
  return configured ? conf.dns : ipamResult.dns;
}
