import {
  AF_NETLINK,
  bind,
  close,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_NO_ENOBUFS,
  NETLINK_ROUTE,
  recv,
  recvmsg,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  setsockopt,
} from '@spider/libc';
import { allocate } from '../codec/memory.ts';
import { enlarge, type Namespace } from '../transport.ts';
import { type Doorbell, hangDoorbell } from './doorbell.ts';

// The default size has room for only about ninety changes of a link.
const receiveBuffer = 8 * 1024 * 1024;

/** What to listen to, and where. */
export interface Subscription {
  /** Multicast groups, RTNLGRP_* of <linux/rtnetlink.h>. */
  readonly groups: readonly number[];
  /** Whether to listen to the namespaces that have a number in the socket's namespace, too. */
  readonly everywhere: boolean;
  readonly namespace: Namespace;
}

/** Receives messages of multicast groups (rtnetlink(7)). It is a transport that cannot send. */
export class Listener {
  readonly #fd: number;
  readonly #doorbell: Doorbell;
  readonly #peeked = allocate(16).bytes;
  readonly #control = allocate(64);
  /** Number of the namespace that sent the last datagram; undefined for the socket's own namespace. */
  nsid: number | undefined;

  /**
   * Calls `ring` when there is something to receive.
   * @throws LinuxError a socket cannot be opened.
   */
  constructor(subscription: Subscription, ring: (failure?: Error) => void) {
    // The kernel delivers to the latest subscriber first, so when the doorbell rings, the message has already arrived.
    const bell = subscribe(subscription, fd => {
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, 0);
      setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, 1);
    });
    this.#doorbell = hangDoorbell(bell, ring);
    try {
      this.#fd = subscribe(subscription, fd => enlarge(fd, SO_RCVBUF, SO_RCVBUFFORCE, receiveBuffer));
    } catch (error) {
      this.#doorbell.close();
      throw error;
    }
  }

  /**
   * Fills `bytes` with the next datagram and returns its length. A datagram that is longer than `bytes` stays in the
   * queue.
   * @throws LinuxError EAGAIN: the queue is empty. ENOBUFS: datagrams were lost.
   */
  receive(bytes: Uint8Array): number {
    const length = recv(this.#fd, this.#peeked, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);
    if (length > bytes.length) return length;
    const received = recvmsg(this.#fd, bytes, this.#control.bytes, MSG_DONTWAIT);
    this.nsid = this.#nsidOf(received.controlLength);
    return received.length;
  }

  close(): void {
    this.#doorbell.close();
    close(this.#fd);
  }

  /** Reads the control message of NETLINK_LISTEN_ALL_NSID: struct cmsghdr (length, level, type), then the number. */
  #nsidOf(length: number): number | undefined {
    const { view } = this.#control;
    const told = length >= 20 && view.getInt32(8, true) === SOL_NETLINK;
    return told && view.getInt32(12, true) === NETLINK_LISTEN_ALL_NSID ? view.getInt32(16, true) : undefined;
  }
}

function subscribe({ groups, everywhere, namespace }: Subscription, prepare: (fd: number) => void): number {
  const fd = namespace.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  try {
    prepare(fd);
    // struct sockaddr_nl. The kernel then assigns a port, without which the socket receives nothing.
    bind(fd, Uint8Array.of(AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    if (everywhere) setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1);
    for (const group of groups) setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}
