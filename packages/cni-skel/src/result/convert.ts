import type { CNIVersion } from '../version.ts';
import { versionOf } from './address.ts';
import { readResult } from './parse.ts';
import { familyOf, type IPConfig, type IPConfig020, type Result, type WireResult } from './result.ts';

/**
 * Converts a result to version `to`, with addresses in canonical form and without empty members. Information that an old
 * version cannot represent is dropped, as in the reference implementation.
 * @throws CNIError code 6 for an invalid member
 * @throws Error `to` cannot represent the result
 */
export function convertResult<V extends CNIVersion>(result: Result, to: V): WireResult<V> {
  return wireResult(result, to) as WireResult<V>;
}

/** The same for a version that came with a request. */
export function wireResult(result: Result, to: string): WireResult {
  const family = familyOf(to);
  if (!family) throw new Error(`no converter for CNI result version 1.1.0 to ${to}`);
  const clean = readResult(result, '1.1.0');
  const shape = { '0.2.0': to020, '0.4.0': to040, '1.1.0': (newest: Result) => newest }[family];
  return { cniVersion: to, ...shape(clean) } as WireResult;
}

function to040({ interfaces, ips, ...rest }: Result) {
  return {
    ...(interfaces && {
      interfaces: interfaces.map(({ name, mac, sandbox }) => ({
        name,
        ...(mac && { mac }),
        ...(sandbox && { sandbox }),
      })),
    }),
    ...(ips && { ips: ips.map(ip => ({ version: versionOf(ip.address), ...ip })) }),
    ...rest,
    dns: rest.dns ?? {},
  };
}

function to020({ ips = [], routes = [], dns = {} }: Result) {
  const side = (version: '4' | '6'): IPConfig020 | undefined => {
    const ip: IPConfig | undefined = ips.find(({ address }) => versionOf(address) === version);
    if (!ip) return undefined;
    const own = routes.filter(({ dst }) => versionOf(dst) === version);
    return {
      ip: ip.address,
      ...(ip.gateway && { gateway: ip.gateway }),
      ...(own.length > 0 && { routes: own.map(({ dst, gw }) => ({ dst, ...(gw && { gw }) })) }),
    };
  };
  const ip4 = side('4');
  const ip6 = side('6');
  if (!ip4 && !ip6) throw new Error('cannot convert: no valid IP addresses');
  return { ...(ip4 && { ip4 }), ...(ip6 && { ip6 }), dns };
}
