// What observing finds out: plain values, so that planning needs no kernel.
import type { Result } from '@spider/cni-skel';
import type { Address, Neighbour, Route, RouteInput } from '@spider/rtnetlink';
import type { Family } from './family.ts';
import type { Tagged } from './part.ts';

/** The facts that a plan rests on. */
export interface Facts {
  readonly nic: Nic;
  /** What the chain gave it. */
  readonly given: Pick<Result, 'ips' | 'routes'>;
  /** The pod's other NICs that have addresses. */
  readonly others: readonly Nic[];
  /** The pair, where an earlier ADD of this pod made it. */
  readonly pair: Pair | undefined;
  /** What of ours stands on the pair, and leads there; nothing where there is none. */
  readonly ours: Ours;
  /** The addresses of the pod's other links, usable or not. */
  readonly foreign: ReadonlySet<string>;
  /** The mark by which the pod's replies find the pair, where an earlier ADD saw to that. */
  readonly replyMark: number | undefined;
  /**
   * How the pod filters by reverse path (ip-sysctl, rp_filter): "all", and where that may override others, "default" and
   * all links beside the NIC and the pair.
   */
  readonly rpFilter: ReadonlyMap<string, number>;
  /** The index of a link on the node that a killed ADD for this container left behind. */
  readonly leftover: number | undefined;
  readonly node: {
    readonly addresses: readonly NodeAddress[];
    /** How the node sees the NIC's addresses, by address. */
    readonly views: ReadonlyMap<string, NodeView>;
  };
}

/** A NIC of the pod. */
export interface Nic {
  readonly name: string;
  /** What kind of link it is; undefined for a hardware device. */
  readonly kind: string | undefined;
  readonly index: number;
  /** Bytes. */
  readonly mtu: number;
  /** Its hardware address. */
  readonly address: string;
  readonly txqueuelen: number;
  /** Its global addresses, IPv4 and IPv6, canonical, without length. */
  readonly addresses: readonly string[];
  /** Those too that new connections should not use: of these IPv6 keeps some for the connections that are there. */
  readonly held: ReadonlySet<string>;
  /** Those with their length to whose prefix the kernel made a route: the NIC's LANs. */
  readonly lans: readonly string[];
  /** Its routes in the main table and in its own, each with this NIC's paths only. */
  readonly routes: readonly NicRoute[];
  /** The families in which an earlier ADD gave it a table of its own. */
  readonly ownTables: ReadonlySet<Family>;
  /** The families in which routes of ours have it as their source. */
  readonly served: ReadonlySet<Family>;
  /** Those of them in which they stand in main, before all others. */
  readonly primary: ReadonlySet<Family>;
}

/** A route of the pod's NIC. */
export interface NicRoute {
  readonly table: 'main' | 'own';
  /** What one would ask of the kernel to get it again, but for its table and device. */
  readonly route: RouteSpec;
  /** What other NICs keep of it, where the kernel takes no single path out: that takes its place. */
  readonly remainder?: RouteSpec;
  /** Another one to the same destination comes before it: the kernel goes by this one where that has no way. IPv4. */
  readonly behind?: true;
  /** How many of the pod's routes the kernel tells before it. */
  readonly position?: number;
}

/** A route, but for its table and device. */
export type RouteSpec = Omit<RouteInput, 'table' | 'oif' | 'dst'> & { readonly dst: string };

/** A global address of the node. */
export interface NodeAddress {
  /** Canonical, without length. */
  readonly address: string;
  /** The link that has it. */
  readonly dev: string;
  /** The link is up. One that is down may hold thousands that are not the node's in earnest (kube-proxy's IPVS dummy). */
  readonly up: boolean;
  /** It is there for the pod behind a veth alone, as its gateway (ptp): all of its prefix, and maybe others' address too. */
  readonly forPod: boolean;
}

/** A pair that is there. */
export interface Pair {
  readonly podIndex: number;
  readonly podAddress: string;
  /** Bytes. */
  readonly podMtu: number;
  readonly hostIndex: number;
  readonly hostName: string;
  readonly hostAddress: string;
  readonly hostUp: boolean;
  readonly alias: string | undefined;
  /** That of the host end, in bytes. */
  readonly mtu: number;
  /** The indexes of the bridge or VRF that an end was put into. */
  readonly podMaster?: number | undefined;
  readonly hostMaster?: number | undefined;
  /** The pod end has a link-local address of IPv6. */
  readonly linkLocal: boolean;
  /** The node forwards what comes in by the host end, or forwards nothing at all. */
  readonly forwards: boolean;
}

/** What has our protocol number. */
export interface Ours {
  readonly pod: Tagged & {
    readonly neighbours: readonly Neighbour[];
    /** The pod end's address where it has another scope or length of prefix than it shall have, a peer or a broadcast address. */
    readonly misfits: readonly Pick<Address, 'address' | 'scope' | 'peer' | 'broadcast'>[];
    /**
     * Routes that have the key of one of ours, where there are several, and rules that have the priority of one: in the
     * kernel's order, with ours.
     */
    readonly contested: Tagged;
  };
  readonly node: {
    readonly routes: readonly Route[];
    readonly neighbours: readonly Neighbour[];
    /** Those routes, and where the kernel goes by another than ours, all to that destination in `main`, in its order. */
    readonly contested: readonly Route[];
  };
  /** The further names of the host end that tell what the pair serves. */
  readonly attachments: readonly string[];
}

/** How the node sees an address of the pod. */
export interface NodeView {
  /** The address from which the node would reach it. */
  readonly source: string | undefined;
  /** The route to exactly this address that stands in the main table, which ours will take the place of. */
  readonly route: RouteInput | undefined;
}
