import { NETLINK_ROUTE } from '@spider/libc';
import { Netlink } from './netlink.ts';
import { type Namespace, openSocket, type Transport } from './transport.ts';

/** A client of the kernel's routing family in one network namespace (rtnetlink(7)). */
export class Rtnetlink extends Netlink {
  /**
   * Opens a socket in the current network namespace of the thread. The socket stays in that namespace when the thread
   * enters another one.
   * @throws LinuxError the socket cannot be opened.
   */
  static open(transport: Transport = openSocket()): Rtnetlink {
    return new Rtnetlink(transport);
  }

  /**
   * Opens a socket in another network namespace, such as a `NetNs` of @spider/netns. The thread enters it only while it
   * opens the socket.
   * @throws LinuxError the namespace cannot be entered, or the socket cannot be opened.
   */
  static openIn(namespace: Namespace): Rtnetlink {
    return new Rtnetlink(openSocket(NETLINK_ROUTE, namespace));
  }
}
