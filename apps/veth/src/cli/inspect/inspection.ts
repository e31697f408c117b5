// The result of `veth inspect`: plain values, which --json prints.
import type { IPFamily } from '@spider/rtnetlink';
import type { Finding } from '../finding.ts';

export interface Inspection {
  readonly node: NodeInspection;
  readonly pods: readonly PodInspection[];
}

export interface NodeInspection {
  /** The node's own addresses, which pods reach through their pairs. */
  readonly addresses: readonly string[];
  readonly findings: readonly Finding[];
}

/** A pod that has a pair. */
export interface PodInspection {
  /** Namespace and name, if the runtime passed them. */
  readonly pod: string | undefined;
  readonly containerID: string;
  /** A path that opens the pod's network namespace; undefined if none is found. */
  readonly netns: string | undefined;
  readonly pair: PairInspection;
  readonly nics: readonly NicInspection[];
  readonly findings: readonly Finding[];
}

export interface PairInspection {
  readonly host: EndInspection;
  /** Undefined if the pod's namespace is not found. */
  readonly pod: EndInspection | undefined;
  /** The addresses that the node routes through the pair. */
  readonly routed: readonly string[];
}

export interface EndInspection {
  readonly name: string;
  readonly index: number;
  readonly address: string;
  /** Bytes. */
  readonly mtu: number;
  readonly up: boolean;
}

/** A NIC that the pair serves. */
export interface NicInspection {
  readonly name: string;
  readonly network: string;
  /** The kind of link; undefined for a hardware device, or if the link is not found. */
  readonly kind: string | undefined;
  readonly addresses: readonly string[];
  readonly paths: readonly PathInspection[];
}

/** How a NIC's traffic of one family reaches the cluster. */
export interface PathInspection {
  readonly family: IPFamily;
  /** The routes of a primary NIC are in the table main. */
  readonly role: 'primary' | 'secondary';
  readonly source: string;
  readonly gateway: string;
  readonly table: number;
  /** The rules that lead to the table. */
  readonly rules: readonly string[];
  readonly destinations: readonly string[];
}
