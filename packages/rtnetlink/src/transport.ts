import {
  AF_NETLINK,
  close,
  LinuxError,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
  recv,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  send,
  setsockopt,
  socket,
} from '@spider/libc';

/** A source of whole datagrams. */
export interface Receiver {
  /**
   * Fills `bytes` with the next datagram and returns its length. A datagram that is longer than `bytes` stays in the
   * queue.
   * @throws LinuxError EAGAIN: the queue is empty. The kernel answers before `send` returns, so an answer cannot arrive
   * later.
   */
  receive(bytes: Uint8Array): number;
}

/** Moves whole datagrams to and from a kernel: a netlink socket, or a fake kernel in tests. */
export interface Transport extends Receiver {
  /** Sends one datagram. */
  send(bytes: Uint8Array): void;
  /** Releases the socket. Nothing can be sent afterwards. */
  close(): void;
}

/** Opens a socket and returns its file descriptor: socket(2), or a function that does so in another network namespace. */
export type SocketOpener = (domain: number, type: number, protocol: number) => number;

/** Opens sockets in a network namespace. A `NetNs` of @spider/netns is one. */
export interface Namespace {
  /** Opens a socket in the namespace. */
  readonly socket: SocketOpener;
}

/**
 * Sets the size of a socket buffer, SO_RCVBUF or SO_SNDBUF. `force` is the option that allows any size and requires
 * CAP_NET_ADMIN; without that right the size is limited by the system's maximum (socket(7)).
 */
export function enlarge(fd: number, option: number, force: number, size: number): void {
  try {
    setsockopt(fd, SOL_SOCKET, force, size);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    setsockopt(fd, SOL_SOCKET, option, size);
  }
}

/** Bytes that fit a send buffer of the default size. Only a transaction may be larger. */
const sendRoom = 128 * 1024;

/**
 * Opens a socket of a netlink family, NETLINK_* of <linux/netlink.h> (default: NETLINK_ROUTE), in a network namespace
 * (default: that of the thread). The socket stays in that namespace when the thread enters another one. Strict checking
 * and extended acknowledgements are switched on, which requires Linux 4.20.
 * @throws LinuxError EPROTONOSUPPORT: the kernel does not have the family.
 */
export function openSocket(protocol: number = NETLINK_ROUTE, namespace: Namespace = { socket }): Transport {
  let fd = namespace.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  try {
    for (const option of [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK])
      setsockopt(fd, SOL_NETLINK, option, 1);
  } catch (error) {
    close(fd);
    throw error;
  }
  // A buffer of its own, which no runtime moves.
  const peeked = new Uint8Array(new ArrayBuffer(16));
  return {
    send(bytes) {
      if (bytes.length > sendRoom) enlarge(fd, SO_SNDBUF, SO_SNDBUFFORCE, bytes.length);
      send(fd, bytes, bytes.length, 0);
    },
    receive(bytes) {
      const length = recv(fd, peeked, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);
      return length > bytes.length ? length : recv(fd, bytes, MSG_DONTWAIT);
    },
    close() {
      const closing = fd;
      // After close(2) the number may become that of another file.
      fd = -1;
      if (closing >= 0) close(closing);
    },
  };
}
