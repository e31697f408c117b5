// A desired object is a value: one link setting, address, neighbour, route, rule, sysctl or ruleset, in the pod or on the
// node. `plan` makes them, `apply` brings the kernel into their state, CHECK compares them, and errors show their text.
import type { Address, Link, Neighbour, RouteInput, Rule } from '@spider/rtnetlink';

/** The network namespace that an object is in. */
export type Place = 'pod' | 'node';
/** The order in which they are changed: the pod must be ready before the node sends to it. */
export const places: readonly Place[] = ['pod', 'node'];

/** The kinds of rtnetlink(7) objects, each with the fields that can be planned, except for the device. */
export interface Kinds {
  link: Partial<Pick<Link, 'up' | 'address' | 'mtu' | 'alias' | 'txqueuelen' | 'master'>>;
  altName: { readonly name: string };
  address: Pick<Address, 'scope' | 'peer' | 'broadcast'> & { readonly address: string; readonly expires?: number };
  neighbour: { readonly dst: string; readonly address: string } & Pick<Neighbour, 'state' | 'protocol'>;
  route: RouteInput & { readonly dst: string; readonly table: number };
  rule: { readonly priority: number; readonly table: number } & Partial<Rule>;
}

export type Kind = keyof Kinds;

/** A planned rtnetlink(7) object. */
export type NetlinkObject = {
  [K in Kind]: {
    readonly kind: K;
    readonly place: Place;
    /** The name of the device. */
    readonly dev: string;
    readonly wanted: Kinds[K];
    /** ADD succeeds without it. */
    readonly optional?: boolean;
    /** It must not exist. `wanted` has everything that is needed to restore it. */
    readonly absent?: true;
    /** It is added behind an object with the same key, which stays or is removed later. */
    readonly behind?: true;
    /** It is applied before the sysctls: those of IPv6 do not exist while the MTU is too small for IPv6. */
    readonly early?: true;
    /**
     * It concerns another NIC of the pod, which may have gone or come since. ADD changes it, but CHECK does not report it.
     */
    readonly shared?: boolean;
    /** It is to be absent, whoever made it: the kernel would use it instead of ours. Such a route has its own `oif`. */
    readonly rival?: true | undefined;
    /** It exists only during the ADD. */
    readonly temporary?: true;
  };
}[Kind];

/** A file below /proc/sys/net. */
export interface Sysctl {
  readonly kind: 'sysctl';
  readonly place: Place;
  /** With slashes, because a device's name may have dots: `net/ipv4/conf/veth0/rp_filter`. */
  readonly key: string;
  readonly value: string;
  /** ADD succeeds if the sysctl does not exist, as on a kernel without IPv6. */
  readonly optional?: true;
  /** Another NIC of the pod may have needed the previous value. CHECK does not report it. */
  readonly shared?: boolean;
}

/** The nf_tables table that marks the connections that came in through a device, and their replies. */
export interface Ruleset {
  readonly kind: 'ruleset';
  readonly place: Place;
  readonly dev: string;
  /** One bit. */
  readonly mark: number;
  /** It must not exist. Another NIC of the pod may have needed it, so CHECK does not report it. */
  readonly absent?: true;
}

export type DesiredObject = NetlinkObject | Sysctl | Ruleset;

export function isNetlinkObject(object: DesiredObject): object is NetlinkObject {
  return object.kind !== 'sysctl' && object.kind !== 'ruleset';
}

/** The kernel's objects of each kind in one network namespace. */
export type Actual = { readonly [K in Kind]: readonly Readonly<Record<string, unknown>>[] };
