// The two network namespaces that a call is about.
import { NetNs } from '@spider/netns';
import { Rtnetlink } from '@spider/rtnetlink';
import type { Place } from './object.ts';

/** A network namespace, and a conversation with its routing tables. */
export interface Site {
  readonly namespace: NetNs;
  readonly rtnetlink: Rtnetlink;
}

/** The pod's network namespace, and the node's, in which the plugin runs. */
export class Sites implements Disposable, Readonly<Record<Place, Site>> {
  readonly pod: Site;
  readonly node: Site;

  /** @throws NetNsError where `netns` is not a network namespace that can be entered. */
  constructor(netns: string) {
    this.pod = open(NetNs.open(netns));
    this.node = open(NetNs.current());
  }

  [Symbol.dispose](): void {
    for (const { namespace, rtnetlink } of [this.pod, this.node]) {
      rtnetlink.close();
      namespace.close();
    }
  }
}

function open(namespace: NetNs): Site {
  return { namespace, rtnetlink: Rtnetlink.openIn(namespace) };
}
