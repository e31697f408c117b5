import { NetNs } from '@spider/netns';
import { Rtnetlink } from '@spider/rtnetlink';

/** The two network namespaces of a call: the pod's, and the node's, in which the plugin runs. */
export class Sockets implements Disposable {
  readonly podNamespace: NetNs;
  readonly pod: Rtnetlink;
  readonly node: Rtnetlink;

  /** @throws NetNsError where `path` is not a network namespace that can be entered. */
  constructor(path: string) {
    this.podNamespace = NetNs.open(path);
    this.pod = this.podNamespace.run(() => Rtnetlink.open());
    this.node = Rtnetlink.open();
  }

  [Symbol.dispose](): void {
    this.pod.close();
    this.node.close();
    this.podNamespace.close();
  }
}
