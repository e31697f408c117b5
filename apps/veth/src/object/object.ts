// A desired object is a value: one link setting, address, neighbour, route, rule, sysctl or ruleset, in the pod or on the
// node.
// Planning makes them, applying puts them, CHECK compares them, and their text is what an operator reads.
import type { Address, Link, Neighbour, RouteInput, Rule } from '@spider/rtnetlink';

/** Which network namespace an object lives in. */
export type Place = 'pod' | 'node';
/** The order in which they are made: what the node sends must find the pod ready. */
export const places: readonly Place[] = ['pod', 'node'];

/** The kinds of objects that rtnetlink(7) keeps, each with what of it is wanted. The device stands beside it, by name. */
export interface Kinds {
  link: Partial<Pick<Link, 'up' | 'address' | 'mtu' | 'alias' | 'txqueuelen' | 'master'>>;
  altName: { readonly name: string };
  address: Pick<Address, 'scope' | 'peer' | 'broadcast'> & { readonly address: string; readonly expires?: number };
  neighbour: { readonly dst: string; readonly address: string } & Pick<Neighbour, 'state' | 'protocol'>;
  route: RouteInput & { readonly dst: string; readonly table: number };
  rule: { readonly priority: number; readonly table: number } & Partial<Rule>;
}

export type Kind = keyof Kinds;

/** An object that rtnetlink(7) keeps. */
export type NetlinkObject = {
  [K in Kind]: {
    readonly kind: K;
    readonly place: Place;
    readonly dev: string;
    readonly wanted: Kinds[K];
    /** ADD succeeds without it. */
    readonly optional?: boolean;
    /** It shall not be there. `wanted` is all of what would bring it back. */
    readonly absent?: true;
    /** It has another with its key before it; or comes when that has gone, of which the kernel keeps but one. */
    readonly behind?: true;
    /** Comes before the settings: those of IPv6 are not there where the MTU is too small for it. */
    readonly early?: true;
    /** It is about another NIC, which may have gone or come since: ADD puts it right, and CHECK does not mind. */
    readonly shared?: boolean;
    /** Absent what is in the place of an object of ours, whosever it is. A route tells its device itself. */
    readonly rival?: true | undefined;
    /** It goes again within the same ADD. */
    readonly passing?: true;
  };
}[Kind];

/** A file below /proc/sys/net. */
export interface Sysctl {
  readonly kind: 'sysctl';
  readonly place: Place;
  /** As a path, because a device's name may have dots: `net/ipv4/conf/veth0/rp_filter`. */
  readonly key: string;
  readonly value: string;
  /** ADD succeeds where there is no such setting: the kernel is without IPv6. */
  readonly optional?: true;
  /** Of what another NIC may have asked for that has gone since. */
  readonly shared?: boolean;
}

/** The table of nf_tables that marks what came in through a device, and the replies to it. */
export interface Ruleset {
  readonly kind: 'ruleset';
  readonly place: Place;
  readonly dev: string;
  /** One bit. */
  readonly mark: number;
  /** It shall not be there, or another NIC asked for it that has gone since. */
  readonly absent?: true;
}

export type DesiredObject = NetlinkObject | Sysctl | Ruleset;

export function isNetlinkObject(object: DesiredObject): object is NetlinkObject {
  return object.kind !== 'sysctl' && object.kind !== 'ruleset';
}

/** What the kernel has of each kind in one place. */
export type Actual = { readonly [K in Kind]: readonly Readonly<Record<string, unknown>>[] };
