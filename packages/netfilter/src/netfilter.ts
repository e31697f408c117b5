import { type Namespace, NETLINK_NETFILTER, Netlink, openSocket, type Transport } from '@spider/rtnetlink';

/** A client of netfilter (nf_tables, conntrack) in one network namespace. */
export class Netfilter extends Netlink {
  /**
   * Opens a socket in the current network namespace of the thread. The socket stays in that namespace when the thread
   * enters another one.
   * @throws LinuxError the socket cannot be opened; EPROTONOSUPPORT if the kernel has no netfilter
   */
  static open(transport: Transport = openSocket(NETLINK_NETFILTER)): Netfilter {
    return new Netfilter(transport);
  }

  /**
   * Opens a socket in another network namespace, such as a `NetNs` of @spider/netns. The thread enters it only while it
   * opens the socket.
   * @throws LinuxError the namespace cannot be entered, or the socket cannot be opened
   */
  static openIn(namespace: Namespace): Netfilter {
    return new Netfilter(openSocket(NETLINK_NETFILTER, namespace));
  }
}
