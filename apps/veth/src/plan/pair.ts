import type { PairNames } from '../identity.ts';

/** The veth pair that shall be there. */
export interface DesiredPair extends PairNames {
  readonly podName: string;
  /** Bytes, both ends. */
  readonly mtu: number;
}
