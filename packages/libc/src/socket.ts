import { addressOf, check, interrupted, native } from './call.ts';
import { checkLength, descriptor } from './checks.ts';

// <sys/socket.h>: address families, types, flags of send and recv
/** Communication among processes of this machine: unix(7). */
export const AF_UNIX = 1;
/** IPv4: ip(7). */
export const AF_INET = 2;
/** IPv6: ipv6(7). */
export const AF_INET6 = 10;
/** Communication with the kernel: netlink(7). */
export const AF_NETLINK = 16;
/** Link-layer frames: packet(7). */
export const AF_PACKET = 17;

/** Byte stream, such as TCP. */
export const SOCK_STREAM = 1;
/** Datagrams, such as UDP. */
export const SOCK_DGRAM = 2;
/** Datagrams including protocol headers: raw(7). */
export const SOCK_RAW = 3;
/** Added to the type: calls fail with EAGAIN instead of blocking. */
export const SOCK_NONBLOCK = 0o4000;
/** Added to the type: child processes do not inherit the socket (close-on-exec). */
export const SOCK_CLOEXEC = 0o2000000;

/** The data stays in the queue. */
export const MSG_PEEK = 0x02;
/** Returns the length of the whole datagram, even if the buffer is shorter. */
export const MSG_TRUNC = 0x20;
/** This call does not block: EAGAIN if nothing is available. */
export const MSG_DONTWAIT = 0x40;

// <sys/socket.h>: options of all sockets
/** Level of the options SO_*: socket(7). */
export const SOL_SOCKET = 1;
/** Size of the send buffer in bytes, an int; the kernel doubles it. */
export const SO_SNDBUF = 7;
/** Size of the receive buffer in bytes, an int; the kernel doubles it. */
export const SO_RCVBUF = 8;
/** Time after which receiving fails with EAGAIN, a struct timeval. */
export const SO_RCVTIMEO = 20;
/** SO_SNDBUF without the limit of the sysctl net.core.wmem_max; requires CAP_NET_ADMIN. */
export const SO_SNDBUFFORCE = 32;
/** SO_RCVBUF without the limit of the sysctl net.core.rmem_max; requires CAP_NET_ADMIN. */
export const SO_RCVBUFFORCE = 33;

// <linux/netlink.h>: protocols, options
/** Links, addresses, routes, rules, neighbours: rtnetlink(7). */
export const NETLINK_ROUTE = 0;
/** nf_tables, conntrack and other parts of netfilter. */
export const NETLINK_NETFILTER = 12;
/** Generic netlink: families whose numbers the kernel assigns when it loads them. Its controller reports the number. */
export const NETLINK_GENERIC = 16;

/** Level of the options NETLINK_*: netlink(7). */
export const SOL_NETLINK = 270;
/** Joins the multicast group with this number, an int. */
export const NETLINK_ADD_MEMBERSHIP = 1;
/** Messages that do not fit the receive buffer are dropped without the error ENOBUFS. */
export const NETLINK_NO_ENOBUFS = 5;
/**
 * Receives multicast messages of all namespaces that have a number in the socket's namespace. The number is in a control
 * message.
 */
export const NETLINK_LISTEN_ALL_NSID = 8;
/** Acknowledgements repeat only the header of the request. */
export const NETLINK_CAP_ACK = 10;
/** Acknowledgements may contain an error message and the offset of the error. */
export const NETLINK_EXT_ACK = 11;
/** The kernel filters lists by the fields of the request, and refuses fields that it does not support. Linux 4.20. */
export const NETLINK_GET_STRICT_CHK = 12;

/**
 * Creates a socket and returns its file descriptor: socket(2). Without SOCK_CLOEXEC in `type`, child processes inherit
 * it.
 * @throws LinuxError
 */
export function socket(domain: number, type: number, protocol: number): number {
  return check('socket', native.socket(domain, type, protocol));
}

/**
 * Assigns an address, a struct sockaddr_*, to a socket: bind(2).
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function bind(fd: number, address: Uint8Array): void {
  check('bind', native.bind(descriptor(fd), address, address.length));
}

/**
 * Writes the socket's own address, a struct sockaddr_*, to `address` and returns its length, which may be greater than
 * that of the array: getsockname(2).
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function getsockname(fd: number, address: Uint8Array): number {
  const length = Uint32Array.of(address.length);
  check('getsockname', native.getsockname(descriptor(fd), address, length));
  return length[0] as number;
}

/**
 * Writes the value of a socket option to `value` and returns its length: getsockopt(2).
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function getsockopt(fd: number, level: number, option: number, value: Uint8Array): number {
  const length = Uint32Array.of(value.length);
  check('getsockopt', native.getsockopt(descriptor(fd), level, option, value, length));
  return length[0] as number;
}

/**
 * Sets a socket option: setsockopt(2). A number is passed as a C int.
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function setsockopt(fd: number, level: number, option: number, value: number | Uint8Array): void {
  const bytes = typeof value === 'number' ? new Int32Array([value]) : value;
  check('setsockopt', native.setsockopt(descriptor(fd), level, option, bytes, bytes.byteLength));
}

/**
 * Sends the first `length` bytes of `buffer` and returns the number of bytes sent: send(2). Repeated after a signal.
 * @throws LinuxError
 * @throws RangeError the buffer has fewer than `length` bytes
 * @throws TypeError `fd` is not an integer
 */
export function send(fd: number, buffer: Uint8Array, length: number, flags: number): number {
  checkLength(length, buffer);
  let sent: number;
  do sent = native.send(descriptor(fd), buffer, length, flags);
  while (sent === -1 && interrupted('send'));
  return sent;
}

/**
 * Receives into `buffer` and returns the number of bytes, with MSG_TRUNC the length of the whole datagram: recv(2).
 * Repeated after a signal.
 * @throws LinuxError EAGAIN: with MSG_DONTWAIT, nothing is available
 * @throws TypeError `fd` is not an integer
 */
export function recv(fd: number, buffer: Uint8Array, flags: number): number {
  let received: number;
  do received = native.recv(descriptor(fd), buffer, buffer.length, flags);
  while (received === -1 && interrupted('recv'));
  return received;
}

/** The result of recvmsg. */
export interface Received {
  /** Bytes of data; with MSG_TRUNC, the length of the whole datagram. */
  readonly length: number;
  /** Bytes of control messages, each with the header of cmsg(3). */
  readonly controlLength: number;
}

/**
 * Receives data into `buffer`, and control messages, such as the sender's namespace, into `control`: recvmsg(2), cmsg(3).
 * Repeated after a signal.
 * @throws LinuxError EAGAIN: with MSG_DONTWAIT, nothing is available
 * @throws TypeError `fd` is not an integer
 */
export function recvmsg(fd: number, buffer: Uint8Array, control: Uint8Array, flags: number): Received {
  // struct msghdr: name, its length, iovec, their number, control, its length, flags. struct iovec: base, length.
  const header = new BigUint64Array(new ArrayBuffer(72));
  const message = new Uint8Array(header.buffer);
  header[2] = addressOf(message) + 56n;
  header[3] = 1n;
  header[4] = addressOf(control);
  header[5] = BigInt(control.length);
  header[7] = addressOf(buffer);
  header[8] = BigInt(buffer.length);
  let length: number;
  do length = native.recvmsg(descriptor(fd), message, flags);
  while (length === -1 && interrupted('recvmsg'));
  return { length, controlLength: Number(header[5]) };
}
