import type { NetNs } from '@spider/netns';
import type { Link, Rtnetlink } from '@spider/rtnetlink';
import type { Direction } from './unfollowed/traffic-control.ts';

/** A network namespace through which a packet may pass. */
export interface Place {
  /** `pod`, `node`, or the path of another namespace. */
  readonly name: string;
  /** The path; undefined for the node, where the command runs. */
  readonly netns: string | undefined;
  readonly namespace: NetNs;
  readonly rtnetlink: Rtnetlink;
}

/** An interface, and the namespace that it is in. */
export interface Position {
  readonly place: Place;
  readonly link: Link;
}

/** An interface by which a packet comes in or goes out. */
export interface PassedInterface extends Position {
  readonly direction: Direction;
}
