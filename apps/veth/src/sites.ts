// The two network namespaces of a call.
import { NetNs } from '@spider/netns';
import { Rtnetlink } from '@spider/rtnetlink';
import type { Nftables } from './nftables.ts';
import type { Place } from './object/object.ts';

/** A network namespace, and the sockets that are open in it. */
export interface Site {
  readonly namespace: NetNs;
  readonly rtnetlink: Rtnetlink;
  /** Set after `openNftables`. */
  nftables?: Nftables;
}

/** The pod's network namespace, and the node's, in which the plugin runs. */
export class Sites implements Disposable, Readonly<Record<Place, Site>> {
  readonly pod: Site;
  readonly node: Site;
  private readonly opened: readonly Site[];

  /**
   * Opens the pod, and the node unless it is given. Closes what it has opened.
   * @throws NetNsError if `netns` is not a network namespace that can be entered
   */
  constructor(netns: string, node?: Site) {
    this.pod = open(NetNs.open(netns));
    this.node = node ?? open(NetNs.current());
    this.opened = node ? [this.pod] : [this.pod, this.node];
  }

  /** Opens nf_tables in the pod. Most calls do not need it. */
  async openNftables(): Promise<void> {
    const { Nftables } = await import('./nftables.ts');
    this.pod.nftables = Nftables.openIn(this.pod.namespace);
  }

  [Symbol.dispose](): void {
    for (const { namespace, rtnetlink, nftables } of this.opened) {
      nftables?.[Symbol.dispose]();
      rtnetlink.close();
      namespace.close();
    }
  }
}

function open(namespace: NetNs): Site {
  return { namespace, rtnetlink: Rtnetlink.openIn(namespace) };
}
