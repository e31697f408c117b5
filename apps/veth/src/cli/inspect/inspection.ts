// What `veth inspect` finds out: plain values, which are also its JSON.
import type { Family } from '../../family.ts';
import type { Finding } from '../finding.ts';

export interface Inspection {
  readonly node: NodeInspection;
  readonly pods: readonly PodInspection[];
}

export interface NodeInspection {
  /** Its own addresses, which pods reach through their pairs. */
  readonly addresses: readonly string[];
  readonly findings: readonly Finding[];
}

/** A pod that has a pair. */
export interface PodInspection {
  /** Namespace and name, where the runtime told them. */
  readonly pod: string | undefined;
  readonly containerID: string;
  /** A path that opens its network namespace; undefined where none is to be found. */
  readonly netns: string | undefined;
  readonly pair: PairInspection;
  readonly nics: readonly NicInspection[];
  readonly findings: readonly Finding[];
}

export interface PairInspection {
  readonly host: EndInspection;
  /** Undefined where the pod's namespace is not to be found. */
  readonly pod: EndInspection | undefined;
  /** The addresses that the node reaches through it. */
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
  /** What kind of link it is; undefined for a hardware device, or where it is not to be found. */
  readonly kind: string | undefined;
  readonly addresses: readonly string[];
  readonly paths: readonly PathInspection[];
}

/** How a NIC's traffic of one family goes to the cluster. */
export interface PathInspection {
  readonly family: Family;
  /** A primary NIC's routes stand in the table main. */
  readonly role: 'primary' | 'secondary';
  readonly source: string;
  readonly gateway: string;
  readonly table: number;
  /** Of the rules that lead there. */
  readonly rules: readonly string[];
  readonly destinations: readonly string[];
}
