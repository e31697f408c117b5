import type { NetNs } from '@spider/netns';
import type { Link, Rtnetlink } from '@spider/rtnetlink';
import type { Direction } from './unseen/traffic-control.ts';

/** A network namespace on the way. */
export interface Place {
  /** `pod`, `node`, or the path of another. */
  readonly name: string;
  /** Undefined for the node, where the command runs. */
  readonly netns: string | undefined;
  readonly namespace: NetNs;
  readonly rtnetlink: Rtnetlink;
}

/** An interface, and where it is. */
export interface Position {
  readonly place: Place;
  readonly link: Link;
}

/** One that a packet comes in by, or goes out by. */
export interface Passed extends Position {
  readonly direction: Direction;
}
