// The result of `observe`: plain values, so that `plan` needs no kernel.
import type { Result } from '@spider/cni-skel';
import type { Address, IPFamily, Neighbour, Route, RouteInput } from '@spider/rtnetlink';
import type { RoutesAndRules } from './ownership.ts';

/** Everything that a plan depends on besides the configuration. */
export interface Facts {
  readonly nic: Nic;
  /** The result of the plugins before this one in the chain; empty if the caller has none. */
  readonly prevResult: Pick<Result, 'ips' | 'routes'>;
  /** The pod's other NICs that have addresses. */
  readonly others: readonly Nic[];
  /** The pair, if an earlier ADD of this pod made it. */
  readonly pair: Pair | undefined;
  /** What earlier ADDs made on the pair. Without a pair, only rules that a deleted one may have left. */
  readonly ours: Ours;
  /** The addresses of the pod's other links, usable or not. */
  readonly otherAddresses: ReadonlySet<string>;
  /** The mark that routes the pod's replies through the pair, if an earlier ADD set it up. */
  readonly replyMark: number | undefined;
  /**
   * Values of rp_filter in the pod (ip-sysctl), by interface: of "all", and if that is not 0, of "default" and the other
   * NICs, and if "default" is smaller, of all links except the NIC and the pair.
   */
  readonly rpFilter: ReadonlyMap<string, number>;
  /** The index of a link on the node that a killed ADD for this container left behind. */
  readonly leftover: number | undefined;
  readonly node: {
    /** IPv4 forwarding is not off for the host end, which may be made yet, unless it is off for the whole node. */
    readonly forwards: boolean;
    readonly addresses: readonly NodeAddress[];
    /** How the node reaches each of the NIC's addresses. */
    readonly views: ReadonlyMap<string, NodeView>;
  };
}

/** A NIC of the pod. */
export interface Nic {
  readonly name: string;
  /** The kind of link; undefined for a hardware device. */
  readonly kind: string | undefined;
  readonly index: number;
  /** Bytes. */
  readonly mtu: number;
  /** Its hardware address. */
  readonly address: string;
  readonly txqueuelen: number;
  /** Its usable global addresses, IPv4 and IPv6, canonical, without prefix length. */
  readonly addresses: readonly string[];
  /** All its addresses, also those that only existing connections may use, as deprecated ones of IPv6. */
  readonly allAddresses: ReadonlySet<string>;
  /** Those with prefix length for which the kernel made a route to the prefix: the NIC's LANs. */
  readonly lans: readonly string[];
  /** Its routes in the main table and in its own, each with this NIC's paths only. */
  readonly routes: readonly NicRoute[];
  /** The families in which an earlier ADD gave it a table of its own. */
  readonly ownTables: ReadonlySet<IPFamily>;
  /** The families in which routes of ours have one of its addresses as source. */
  readonly served: ReadonlySet<IPFamily>;
  /** The families in which such routes are in main with a primary NIC's metric. */
  readonly primary: ReadonlySet<IPFamily>;
}

/** A route of the pod's NIC. */
export interface NicRoute {
  readonly table: 'main' | 'own';
  /** The attributes with which it can be added again. */
  readonly route: RouteSpec;
  /** For a multipath route whose paths cannot be removed one by one: the route with other NICs' paths, to replace it. */
  readonly remainder?: RouteSpec;
  /** There is a route with the same key before it, which the kernel prefers while it is usable. IPv4. */
  readonly behind?: true;
  /** Its position in the kernel's list of the pod's routes. */
  readonly position?: number;
}

/** A route without its table and device. */
export type RouteSpec = Omit<RouteInput, 'table' | 'oif' | 'dst'> & { readonly dst: string };

/** A global address of the node. */
export interface NodeAddress {
  /** Canonical, without length. */
  readonly address: string;
  /** The link that has it. */
  readonly dev: string;
  /** The link is up. One that is down may have the addresses of thousands of services (kube-proxy's IPVS dummy). */
  readonly up: boolean;
  /** It is on a veth with a full-length prefix: the gateway of the pod behind it (ptp). Other veths may have it too. */
  readonly forPod: boolean;
}

/** An existing pair. */
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
  /** The MTU of the host end, in bytes. */
  readonly mtu: number;
  /** The index of the bridge or VRF that the pod end is a port of. */
  readonly podMaster?: number | undefined;
  readonly hostMaster?: number | undefined;
  /** The pod end's IPv6 link-local address, with its prefix length. */
  readonly linkLocal: string | undefined;
}

/** Objects with our protocol number, and what competes with them. */
export interface Ours {
  readonly pod: RoutesAndRules & {
    readonly neighbours: readonly Neighbour[];
    /** The pod end's address, if its prefix length or scope is wrong, or it has a peer or a broadcast address. */
    readonly wrongAddresses: readonly Pick<Address, 'address' | 'scope' | 'peer' | 'broadcast'>[];
    /**
     * Routes with the key of one of ours, if there are several, and rules with our priorities, including ours: in the
     * kernel's order.
     */
    readonly contested: RoutesAndRules;
  };
  readonly node: {
    readonly routes: readonly Route[];
    readonly neighbours: readonly Neighbour[];
    /**
     * Our routes, and all routes in `main` to destinations for which the kernel uses another one: in the kernel's order.
     */
    readonly contested: readonly Route[];
  };
  /** The alternative names of the host end that name the attachments of the pair. */
  readonly attachments: readonly string[];
}

/** How the node reaches an address of the pod. */
export interface NodeView {
  /** The node's address that faces it: the source of packets to it. */
  readonly source: string | undefined;
  /** The route to exactly this address in the main table, which ours will replace. */
  readonly route: RouteInput | undefined;
}
