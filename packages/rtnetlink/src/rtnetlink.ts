import { NETLINK_ROUTE } from '@spider/libc';
import { Netlink } from './netlink.ts';
import { type Namespace, openSocket, type Transport } from './transport.ts';

/**
 * A conversation with the routing tables of one network namespace (rtnetlink(7)).
 */
export class Rtnetlink extends Netlink {
  /**
   * Opens a socket in the thread's current network namespace. It stays there, whatever the thread enters later.
   * @throws LinuxError where the socket cannot be opened.
   */
  static open(transport: Transport = openSocket()): Rtnetlink {
    return new Rtnetlink(transport);
  }

  /**
   * Opens a socket in another network namespace, such as a `NetNs` of @spider/netns. Only the socket is opened there.
   * @throws LinuxError where the socket cannot be opened.
   */
  static openIn(namespace: Namespace): Rtnetlink {
    return new Rtnetlink(openSocket(NETLINK_ROUTE, namespace));
  }
}
