import { type Namespace, NETLINK_NETFILTER, Netlink, openSocket, type Transport } from '@spider/rtnetlink';

/** A conversation with netfilter in one network namespace: nf_tables, conntrack. */
export class Netfilter extends Netlink {
  /**
   * Opens a socket in the thread's current network namespace. It stays there, whatever the thread enters later.
   * @throws LinuxError where the socket cannot be opened: EPROTONOSUPPORT in a kernel without netfilter.
   */
  static open(transport: Transport = openSocket(NETLINK_NETFILTER)): Netfilter {
    return new Netfilter(transport);
  }

  /**
   * Opens a socket in another network namespace, such as a `NetNs` of @spider/netns. Only the socket is opened there.
   * @throws LinuxError where the socket cannot be opened.
   */
  static openIn(namespace: Namespace): Netfilter {
    return new Netfilter(openSocket(NETLINK_NETFILTER, namespace));
  }
}
