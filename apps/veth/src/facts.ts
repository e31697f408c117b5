// What observing finds out: plain values, so that planning needs no kernel.
import type { RouteInput } from '@spider/rtnetlink';

/** The facts that a plan rests on. */
export interface Facts {
  readonly nic: Nic;
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
}

/** A pair that is there. */
export interface Pair {
  readonly podIndex: number;
  readonly podAddress: string;
  readonly hostIndex: number;
  readonly hostName: string;
  readonly hostAddress: string;
}

/** How the node sees an address of the pod. */
export interface NodeView {
  /** The address from which the node would reach it. */
  readonly source: string | undefined;
  /** The route to exactly this address that stands in the main table, which ours will take the place of. */
  readonly route: RouteInput | undefined;
}
