import type { CNIVersion } from '../version.ts';

/** A network interface that the attachment consists of. */
export interface Interface {
  /** At most 15 bytes; unique in its namespace. */
  name: string;
  /** Hardware address. */
  mac?: string | undefined;
  /** Bytes. Since 1.1.0. */
  mtu?: number | undefined;
  /** The container's network namespace (`CNI_NETNS`) for an interface in the container; absent for one on the host. */
  sandbox?: string | undefined;
  /** Absolute path of a vhost-user socket file. Since 1.1.0. */
  socketPath?: string | undefined;
  /** PCI address of the device, as in `0000:1f:00.1`. Since 1.1.0. */
  pciID?: string | undefined;
}

/** An address that the attachment has. */
export interface IPConfig {
  /** With prefix length, host bits kept: `10.1.2.3/24`. */
  address: string;
  /** Next hop to what lies outside the prefix. */
  gateway?: string | undefined;
  /** Index in `interfaces` of the interface that has the address. */
  interface?: number | undefined;
}

/** A route in the container. */
export interface Route {
  /** Destination with prefix length. */
  dst: string;
  /** Next hop; where absent, a `gateway` of the same family may be used. */
  gw?: string | undefined;
  /** Bytes. Since 1.1.0. */
  mtu?: number | undefined;
  /** Maximum segment size to advertise to TCP peers, in bytes. Since 1.1.0. */
  advmss?: number | undefined;
  /** Lower is preferred. Since 1.1.0. */
  priority?: number | undefined;
  /** Routing table. Since 1.1.0. */
  table?: number | undefined;
  /** 0 global, 253 link, 254 host. Since 1.1.0. */
  scope?: number | undefined;
}

/** What goes into the container's resolv.conf(5). */
export interface DNS {
  /** Addresses of name servers, the preferred one first. */
  nameservers?: string[] | undefined;
  /** The local domain, to look short names up in. */
  domain?: string | undefined;
  /** Domains to look short names up in, in this order. */
  search?: string[] | undefined;
  /** Of resolv.conf(5), as `ndots:2`. */
  options?: string[] | undefined;
}

/**
 * What ADD made (SPEC section 5, ADD Success). Always of the newest version: the skeleton converts what comes in from
 * the configuration's version and what goes out to it, and leaves out what is undefined or empty.
 */
export interface Result {
  /** Those in the container and those on the host that belong to it. */
  interfaces?: Interface[] | undefined;
  /** Addresses of those interfaces. */
  ips?: IPConfig[] | undefined;
  /** Routes in the container. */
  routes?: Route[] | undefined;
  /** The container's DNS settings. */
  dns?: DNS | undefined;
}

/** What ADD of an IPAM plugin made: addresses that no interface has yet. */
export interface IPAMResult extends Omit<Result, 'interfaces' | 'ips'> {
  /** At least one, or whoever asked has nothing to give its interface. */
  ips: (Omit<IPConfig, 'interface'> & { interface?: never })[];
  interfaces?: never;
}

/** A result of 1.0.0 and 1.1.0 as it is printed. */
export interface Result100 extends Result {
  cniVersion: '1.0.0' | '1.1.0';
}

/** A result of 0.3.0, 0.3.1 and 0.4.0 as it is printed. */
export interface Result040 extends Omit<Result, 'ips'> {
  cniVersion: '0.3.0' | '0.3.1' | '0.4.0';
  ips?: (IPConfig & { version: '4' | '6' })[];
}

/** A result of 0.1.0 and 0.2.0 as it is printed: one address per family, no interfaces. */
export interface Result020 {
  cniVersion: '0.1.0' | '0.2.0';
  /** The first IPv4 address. */
  ip4?: IPConfig020;
  /** The first IPv6 address. */
  ip6?: IPConfig020;
  dns?: DNS;
}

/** The address of one family in a result of 0.1.0 and 0.2.0, with the routes that belong to it. */
export interface IPConfig020 {
  /** With prefix length. */
  ip: string;
  /** Next hop to what lies outside the prefix. */
  gateway?: string;
  /** Those to destinations of its family. */
  routes?: Pick<Route, 'dst' | 'gw'>[];
}

/** A result as a runtime that speaks version V reads it. */
export type WireResult<V extends CNIVersion = CNIVersion> = V extends '0.1.0' | '0.2.0'
  ? Result020 & { cniVersion: V }
  : V extends '0.3.0' | '0.3.1' | '0.4.0'
    ? Result040 & { cniVersion: V }
    : Result100 & { cniVersion: V };

/** Versions of a family print results alike but for `cniVersion`; each is named by its newest member. */
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

/** The family of a version; undefined for a version that is none. */
export function familyOf(version: string): Family | undefined {
  return Object.hasOwn(families, version) ? families[version as CNIVersion] : undefined;
}
