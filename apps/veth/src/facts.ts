// What observing finds out: plain values, so that planning needs no kernel.
import type { RouteInput } from '@spider/rtnetlink';

export type Family = 'inet' | 'inet6';
export const families: readonly Family[] = ['inet', 'inet6'];

/** The family of an address or prefix in text. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 'inet6' : 'inet';
}

/** The facts that a plan rests on. */
export interface Facts {
  readonly nic: Nic;
  /** What the pod's other NICs have, by family. */
  readonly others: Readonly<Record<Family, OtherNics>>;
  /** The pair, where an earlier ADD of this pod made it. */
  readonly pair: Pair | undefined;
  /** The index of a link on the node that a killed ADD for this container left behind. */
  readonly leftover: number | undefined;
  readonly node: {
    /** The node's own addresses that pods may want to reach, canonical, without length. */
    readonly addresses: readonly string[];
    /** How the node sees the NIC's addresses, by address. */
    readonly views: ReadonlyMap<string, NodeView>;
  };
}

/** The pod's NIC that this call is about. */
export interface Nic {
  readonly name: string;
  readonly index: number;
  /** Bytes. */
  readonly mtu: number;
  /** Its hardware address. */
  readonly address: string;
  /** Its global addresses, IPv4 and IPv6, canonical, without length. */
  readonly addresses: readonly string[];
  /** Its routes in the main table and in its own, each with this NIC's paths only. */
  readonly routes: readonly NicRoute[];
  /** The families in which an earlier ADD gave it a table of its own. */
  readonly ownTables: ReadonlySet<Family>;
}

/** A route of the pod's NIC. */
export interface NicRoute {
  readonly table: 'main' | 'own';
  /** True for the prefix of an address, which the kernel keeps. */
  readonly connected: boolean;
  /** What one would ask of the kernel to get it again, but for its table and device. */
  readonly route: Omit<RouteInput, 'table' | 'oif' | 'dst'> & { readonly dst: string };
}

/** What the pod has beside the NIC that a call is about. */
export interface OtherNics {
  readonly haveAddress: boolean;
  /** One of them has a default route in the main table. */
  readonly haveDefault: boolean;
}

/** A pair that is there. */
export interface Pair {
  readonly podIndex: number;
  readonly podAddress: string;
  readonly hostIndex: number;
  readonly hostName: string;
  readonly hostAddress: string;
  readonly alias: string | undefined;
}

/** How the node sees an address of the pod. */
export interface NodeView {
  /** The address from which the node would reach it. */
  readonly source: string | undefined;
  /** The route to exactly this address that stands in the main table, which ours will take the place of. */
  readonly route: RouteInput | undefined;
}
