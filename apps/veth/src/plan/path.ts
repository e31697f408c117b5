import type { Family } from '../facts.ts';

/** How the pod's traffic of one family goes through the pair. */
export interface Path {
  readonly family: Family;
  /** The NIC's address that the traffic comes from. */
  readonly source: string;
  /** The table of the pod that its routes stand in. */
  readonly table: number;
}
