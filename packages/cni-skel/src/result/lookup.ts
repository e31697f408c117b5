// Information that is spread over several members of a result.
import { versionOf } from './address.ts';
import type { DNS, Interface, IPConfig, Result, Route } from './result.ts';

/** The interface that has an address; undefined if the result does not say, or refers to none. */
export function interfaceOf(result: Result, ip: IPConfig): Interface | undefined {
  return ip.interface === undefined ? undefined : result.interfaces?.[ip.interface];
}

/**
 * The next hop of a route: its own `gw`, otherwise the first gateway of its family among the addresses (SPEC section 5).
 */
export function gatewayOf(result: Result, route: Route): string | undefined {
  const family = versionOf(route.dst);
  return route.gw ?? result.ips?.find(({ gateway }) => gateway && versionOf(gateway) === family)?.gateway;
}

/**
 * The DNS settings to return: those of the configuration if it has any, even empty ones, otherwise those of the IPAM
 * plugin. As in the reference plugins, the two are never merged.
 */
export function dnsOf(conf: { readonly dns?: DNS | undefined }, ipamResult: Result): DNS | undefined {
  const configured = conf.dns && Object.values(conf.dns).some(value => value !== undefined);
  return configured ? conf.dns : ipamResult.dns;
}
