import type { CNIVersion } from '../version.ts';

/** A network interface of the attachment. */
export interface Interface {
  /** Name, at most 15 bytes and unique in its namespace. */
  name: string;
  /** Hardware address. */
  mac?: string | undefined;
  /** Maximum transmission unit in bytes. Since 1.1.0. */
  mtu?: number | undefined;
  /** The container's network namespace (`CNI_NETNS`); absent for an interface on the host. */
  sandbox?: string | undefined;
  /** Absolute path of a vhost-user socket file. Since 1.1.0. */
  socketPath?: string | undefined;
  /** PCI address of the device: `0000:1f:00.1`. Since 1.1.0. */
  pciID?: string | undefined;
}

/** An address of the attachment. */
export interface IPConfig {
  /** Address with prefix length, including its host bits: `10.1.2.3/24`. */
  address: string;
  /** Next hop to destinations outside of the prefix. */
  gateway?: string | undefined;
  /** Index in `interfaces` of the interface that has the address. */
  interface?: number | undefined;
}

/** A route in the container. */
export interface Route {
  /** Destination with prefix length. */
  dst: string;
  /** Next hop; if absent, a `gateway` of the same family may be used. */
  gw?: string | undefined;
  /** MTU of the path, in bytes. Since 1.1.0. */
  mtu?: number | undefined;
  /** Maximum segment size to advertise to TCP peers, in bytes. Since 1.1.0. */
  advmss?: number | undefined;
  /** Metric: lower is preferred. Since 1.1.0. */
  priority?: number | undefined;
  /** Number of the routing table. Since 1.1.0. */
  table?: number | undefined;
  /** Scope of the destination: 0 global, 253 link, 254 host. Since 1.1.0. */
  scope?: number | undefined;
}

/** Contents of the container's resolv.conf(5). */
export interface DNS {
  /** Addresses of name servers, in order of preference. */
  nameservers?: string[] | undefined;
  /** The local domain, in which short names are looked up. */
  domain?: string | undefined;
  /** Domains in which short names are looked up, in this order. */
  search?: string[] | undefined;
  /** Options of resolv.conf(5), such as `ndots:2`. */
  options?: string[] | undefined;
}

/**
 * The result of ADD (SPEC section 5, ADD Success), in the newest version. The skeleton converts results from and to the
 * configuration's version, and omits undefined and empty members.
 */
export interface Result {
  /** The interfaces in the container, and those on the host that belong to them. */
  interfaces?: Interface[] | undefined;
  /** Addresses of those interfaces. */
  ips?: IPConfig[] | undefined;
  /** Routes in the container. */
  routes?: Route[] | undefined;
  /** The container's DNS settings. */
  dns?: DNS | undefined;
}

/** The result of ADD of an IPAM plugin: addresses that no interface has yet. */
export interface IPAMResult extends Omit<Result, 'interfaces' | 'ips'> {
  /** At least one address: the plugin that delegates has none otherwise. */
  ips: (Omit<IPConfig, 'interface'> & { interface?: never })[];
  /** An IPAM plugin returns no interfaces. */
  interfaces?: never;
}

/** A result of 1.0.0 and 1.1.0 as it is printed. */
export interface Result100 extends Result {
  /** Version of the result. */
  cniVersion: '1.0.0' | '1.1.0';
}

/** A result of 0.3.0, 0.3.1 and 0.4.0 as it is printed. */
export interface Result040 extends Omit<Result, 'ips'> {
  /** Version of the result. */
  cniVersion: '0.3.0' | '0.3.1' | '0.4.0';
  /** Addresses, with their IP version. */
  ips?: (IPConfig & { version: '4' | '6' })[];
}

/** A result of 0.1.0 and 0.2.0 as it is printed: one address per family, no interfaces. */
export interface Result020 {
  /** Version of the result. */
  cniVersion: '0.1.0' | '0.2.0';
  /** The first IPv4 address. */
  ip4?: IPConfig020;
  /** The first IPv6 address. */
  ip6?: IPConfig020;
  /** The container's DNS settings. */
  dns?: DNS;
}

/** The address of one family in a result of 0.1.0 and 0.2.0, with the routes of that family. */
export interface IPConfig020 {
  /** Address with prefix length. */
  ip: string;
  /** Next hop to destinations outside of the prefix. */
  gateway?: string;
  /** Routes to destinations of that family. */
  routes?: Pick<Route, 'dst' | 'gw'>[];
}

/** A result as a runtime with version V reads it. */
export type WireResult<V extends CNIVersion = CNIVersion> = V extends '0.1.0' | '0.2.0'
  ? Result020 & { cniVersion: V }
  : V extends '0.3.0' | '0.3.1' | '0.4.0'
    ? Result040 & { cniVersion: V }
    : Result100 & { cniVersion: V };

/** Versions of a family print the same result, except for `cniVersion`. A family has the name of its newest version. */
const families = {
  '0.1.0': '0.2.0',
  '0.2.0': '0.2.0',
  '0.3.0': '0.4.0',
  '0.3.1': '0.4.0',
  '0.4.0': '0.4.0',
  '1.0.0': '1.1.0',
  '1.1.0': '1.1.0',
} as const satisfies Readonly<Record<CNIVersion, CNIVersion>>;
export type Family = (typeof families)[CNIVersion];

/** The family of a version; undefined if the version does not exist. */
export function familyOf(version: string): Family | undefined {
  return Object.hasOwn(families, version) ? families[version as CNIVersion] : undefined;
}
