import { CNIError, ErrorCode } from '../error.ts';
import { compact, foldKeys, type JSONObject, listOf, member, readInteger, readObject, readString } from '../json.ts';
import { allVersions, type CNIVersion } from '../version.ts';
import { canonicalCIDR, canonicalIP } from './address.ts';
import { type DNS, familyOf, type Interface, type IPConfig, type Result, type Route } from './result.ts';

/**
 * Reads a result of any version, and converts it to the newest one.
 * @param json what a plugin or a runtime sent
 * @param confVersion the configuration's version; a result without version is of this one, any other must be of its
 * family
 * @throws CNIError code 6 that names the member
 */
export function parseResult(json: unknown, confVersion: CNIVersion): Result {
  return readResultFor(json, confVersion);
}

/** The same for a version that came with a request. */
export function readResultFor(json: unknown, confVersion: string): Result {
  const version = resultVersion(json, confVersion);
  const family = familyOf(confVersion);
  if (family && family !== familyOf(version)) {
    const is = JSON.stringify(version);
    const supported = allVersions.filter(one => familyOf(one) === family).join(' ');
    throw undecodable(`result type supports [${supported}] but unmarshalled CNIVersion is ${is}`);
  }
  return readResult(json, confVersion);
}

/**
 * The version of a result; `confVersion` if it has none.
 * @throws CNIError code 6
 */
export function resultVersion(json: unknown, confVersion: string): string {
  const result = foldKeys(readObject(json, 'result'), ['cniVersion']);
  return member(result, 'cniVersion', readString) || confVersion;
}

/**
 * Reads a result of this version, and converts it to the newest one.
 * @throws CNIError code 6
 */
export function readResult(json: unknown, version: string): Result {
  const result = foldKeys(readObject(json, 'result'), resultKeys);
  const family = familyOf(version);
  if (!family) throw undecodable(`unsupported CNI result version ${JSON.stringify(version)}`);
  return family === '0.2.0' ? readResult020(result) : readResult100(result);
}

const resultKeys = ['interfaces', 'ips', 'routes', 'dns', 'ip4', 'ip6'];
const interfaceKeys = ['name', 'mac', 'mtu', 'sandbox', 'socketPath', 'pciID'];
const ipKeys = ['address', 'gateway', 'interface', 'ip', 'routes'];
const routeKeys = ['dst', 'gw', 'mtu', 'advmss', 'priority', 'table', 'scope'];
const dnsKeys = ['nameservers', 'domain', 'search', 'options'];

// 0.3.0 to 0.4.0 differ from the newest version only by a `version` in each address, which is redundant.
function readResult100(result: JSONObject): Result {
  return compact({
    interfaces: member(result, 'interfaces', listOf(readInterface)),
    ips: member(result, 'ips', listOf(readIPConfig)),
    routes: member(result, 'routes', listOf(readRoute)),
    dns: readResultDNS(result),
  });
}

function readResult020(result: JSONObject): Result {
  const sides = ['ip4', 'ip6'].map(side => member(result, side, readSide)).filter(side => side !== undefined);
  return compact({
    ips: sides.map(({ ip }) => ip),
    routes: sides.flatMap(({ routes }) => routes),
    dns: readResultDNS(result),
  });
}

function readSide(value: unknown, at: string): { ip: IPConfig; routes: Route[] } {
  const json = foldKeys(readObject(value, at), ipKeys);
  return {
    ip: compact({ address: readCIDR(json['ip'], `${at}.ip`), gateway: member(json, 'gateway', readIP, at) }),
    routes: member(json, 'routes', listOf(readRoute), at) ?? [],
  };
}

function readInterface(value: unknown, at: string): Interface {
  const json = foldKeys(readObject(value, at), interfaceKeys);
  return {
    name: member(json, 'name', readString, at) ?? '',
    ...compact({
      mac: member(json, 'mac', readString, at),
      mtu: member(json, 'mtu', readInteger, at) || undefined,
      sandbox: member(json, 'sandbox', readString, at),
      socketPath: member(json, 'socketPath', readString, at),
      pciID: member(json, 'pciID', readString, at),
    }),
  };
}

function readIPConfig(value: unknown, at: string): IPConfig {
  const json = foldKeys(readObject(value, at), ipKeys);
  return compact({
    interface: member(json, 'interface', readInteger, at),
    address: readCIDR(json['address'], `${at}.address`),
    gateway: member(json, 'gateway', readIP, at),
  });
}

function readRoute(value: unknown, at: string): Route {
  const json = foldKeys(readObject(value, at), routeKeys);
  return compact({
    dst: readCIDR(json['dst'], `${at}.dst`),
    gw: member(json, 'gw', readIP, at),
    mtu: member(json, 'mtu', readInteger, at) || undefined,
    advmss: member(json, 'advmss', readInteger, at) || undefined,
    priority: member(json, 'priority', readInteger, at) || undefined,
    table: member(json, 'table', readInteger, at),
    scope: member(json, 'scope', readInteger, at),
  });
}

function readResultDNS(result: JSONObject): DNS | undefined {
  const dns = compact(member(result, 'dns', readDNS) ?? {});
  return Object.keys(dns).length > 0 ? dns : undefined;
}

/**
 * DNS settings, including empty ones.
 * @throws CNIError code 6
 */
export function readDNS(value: unknown, at: string): DNS {
  const json = foldKeys(readObject(value, at), dnsKeys);
  const { nameservers, domain, search, options } = {
    nameservers: member(json, 'nameservers', listOf(readString), at),
    domain: member(json, 'domain', readString, at),
    search: member(json, 'search', listOf(readString), at),
    options: member(json, 'options', listOf(readString), at),
  };
  return {
    ...(nameservers && { nameservers }),
    ...(domain !== undefined && { domain }),
    ...(search && { search }),
    ...(options && { options }),
  };
}

function readCIDR(value: unknown, at: string): string {
  const text = readString(value ?? '', at);
  const cidr = canonicalCIDR(text);
  if (cidr === undefined) throw undecodable(`${at}: invalid CIDR address: ${text}`);
  return cidr;
}

function readIP(value: unknown, at: string): string | undefined {
  const text = readString(value, at);
  if (text === '') return undefined;
  const ip = canonicalIP(text);
  if (ip === undefined) throw undecodable(`${at}: invalid IP address: ${text}`);
  return ip;
}

function undecodable(msg: string): CNIError {
  return new CNIError(ErrorCode.DecodingFailure, msg);
}
