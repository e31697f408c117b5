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
import { allocate } from './codec/memory.ts';

/** What whole datagrams come from. */
export interface Receiver {
  /**
   * Fills `bytes` with the next datagram and returns its length. A datagram that is longer than `bytes` stays in the
   * queue. The kernel answers before `send` returns, so an empty queue is an error: EAGAIN.
   */
  receive(bytes: Uint8Array): number;
}

/** What moves whole datagrams to and from a kernel: a netlink socket, or a fake kernel in tests. */
export interface Transport extends Receiver {
  /** Sends one datagram. */
  send(bytes: Uint8Array): void;
  /** Ends the use of the transport. */
  close(): void;
}

/** socket(2), or what does the same elsewhere, such as in another network namespace. */
export type SocketOpener = (domain: number, type: number, protocol: number) => number;

/** Where sockets can be opened: a network namespace, such as a `NetNs` of @spider/netns. */
export interface Namespace {
  readonly socket: SocketOpener;
}

/**
 * Gives a socket a larger buffer, SO_RCVBUF or SO_SNDBUF: of any size by `force`, and without the right to that
 * (CAP_NET_ADMIN) the largest that all may have.
 */
export function enlarge(fd: number, option: number, force: number, size: number): void {
  try {
    setsockopt(fd, SOL_SOCKET, force, size);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    setsockopt(fd, SOL_SOCKET, option, size);
  }
}

/** Bytes that a send buffer of the default size has room for; only a transaction may take more. */
const sendRoom = 128 * 1024;

/**
 * Opens a socket of a netlink family, NETLINK_* of <linux/netlink.h>, by default a routing socket, in a network
 * namespace, by default the thread's; it stays there for good, whatever the thread enters later.
 * Strict checking and extended acknowledgements are on (Linux 4.20 or newer).
 * @throws LinuxError EPROTONOSUPPORT where the kernel has no such family.
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
  const { bytes: peeked } = allocate(16);
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
      // The number may soon be another file's.
      fd = -1;
      if (closing >= 0) close(closing);
    },
  };
}
