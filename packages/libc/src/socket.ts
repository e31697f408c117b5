import { addressOf, check, interrupted, native } from './call.ts';
import { checkLength, descriptor } from './checks.ts';

// <sys/socket.h>: address families, types, flags of send and recv
/** Processes of this machine: unix(7). */
export const AF_UNIX = 1;
/** IPv4: ip(7). */
export const AF_INET = 2;
/** IPv6: ipv6(7). */
export const AF_INET6 = 10;
/** The kernel: netlink(7). */
export const AF_NETLINK = 16;
/** Frames of the link layer: packet(7). */
export const AF_PACKET = 17;

/** A stream of bytes, such as TCP. */
export const SOCK_STREAM = 1;
/** Datagrams, such as UDP. */
export const SOCK_DGRAM = 2;
/** Datagrams with their headers: raw(7). */
export const SOCK_RAW = 3;
/** Added to the type: calls do not wait, but fail with EAGAIN. */
export const SOCK_NONBLOCK = 0o4000;
/** Added to the type: child processes do not get the socket. */
export const SOCK_CLOEXEC = 0o2000000;

/** What is received stays in the queue. */
export const MSG_PEEK = 0x02;
/** The length is that of the whole datagram, even where the buffer is shorter. */
export const MSG_TRUNC = 0x20;
/** This call does not wait: EAGAIN where there is nothing. */
export const MSG_DONTWAIT = 0x40;

// <sys/socket.h>: options of every socket
/** The level of SO_*: socket(7). */
export const SOL_SOCKET = 1;
/** Bytes that may wait to be sent, an int; the kernel doubles it. */
export const SO_SNDBUF = 7;
/** Bytes that may wait to be received, an int; the kernel doubles it. */
export const SO_RCVBUF = 8;
/** How long receiving waits, a struct timeval; then EAGAIN. */
export const SO_RCVTIMEO = 20;
/** SO_SNDBUF beyond the sysctl wmem_max, with CAP_NET_ADMIN. */
export const SO_SNDBUFFORCE = 32;
/** SO_RCVBUF beyond the sysctl rmem_max, with CAP_NET_ADMIN. */
export const SO_RCVBUFFORCE = 33;

// <linux/netlink.h>: protocols, options
/** Links, addresses, routes, rules, neighbours: rtnetlink(7). */
export const NETLINK_ROUTE = 0;
/** nf_tables, conntrack and the other parts of netfilter. */
export const NETLINK_NETFILTER = 12;
/** Families that the kernel numbers as they are loaded; its controller tells the number. */
export const NETLINK_GENERIC = 16;

/** The level of the options NETLINK_*: netlink(7). */
export const SOL_NETLINK = 270;
/** Joins a multicast group, an int. */
export const NETLINK_ADD_MEMBERSHIP = 1;
/** What did not fit into the receive buffer is lost in silence. */
export const NETLINK_NO_ENOBUFS = 5;
/** Multicasts of all namespaces that have a number in the own one come too, with it as a control message. */
export const NETLINK_LISTEN_ALL_NSID = 8;
/** Acknowledgements bring the request's header back, not all of it. */
export const NETLINK_CAP_ACK = 10;
/** Acknowledgements say in words and by offset what was wrong. */
export const NETLINK_EXT_ACK = 11;
/** Lists are filtered by what the request holds, and refuse what they do not know. Linux 4.20. */
export const NETLINK_GET_STRICT_CHK = 12;

/**
 * Creates a socket and returns its descriptor: socket(2). Add SOCK_CLOEXEC to `type`, or child processes inherit it.
 * @throws LinuxError
 */
export function socket(domain: number, type: number, protocol: number): number {
  return check('socket', native.socket(domain, type, protocol));
}

/**
 * Gives a socket its address, a struct sockaddr_*: bind(2).
 * @throws LinuxError
 */
export function bind(fd: number, address: Uint8Array): void {
  check('bind', native.bind(descriptor(fd), address, address.length));
}

/**
 * Writes a socket's own address, a struct sockaddr_*, to `address` and returns its length, which may be greater than
 * the array's: getsockname(2).
 * @throws LinuxError
 */
export function getsockname(fd: number, address: Uint8Array): number {
  const length = Uint32Array.of(address.length);
  check('getsockname', native.getsockname(descriptor(fd), address, length));
  return length[0] as number;
}

/**
 * Writes an option of a socket to `value` and returns its length: getsockopt(2).
 * @throws LinuxError
 */
export function getsockopt(fd: number, level: number, option: number, value: Uint8Array): number {
  const length = Uint32Array.of(value.length);
  check('getsockopt', native.getsockopt(descriptor(fd), level, option, value, length));
  return length[0] as number;
}

/**
 * Sets an option of a socket: setsockopt(2). A number is passed as a C int.
 * @throws LinuxError
 */
export function setsockopt(fd: number, level: number, option: number, value: number | Uint8Array): void {
  const bytes = typeof value === 'number' ? new Int32Array([value]) : value;
  check('setsockopt', native.setsockopt(descriptor(fd), level, option, bytes, bytes.byteLength));
}

/**
 * Sends the first `length` bytes of `buffer` and returns how many were sent: send(2). Goes on after a signal.
 * @throws LinuxError
 * @throws RangeError where the buffer has fewer than `length` bytes.
 */
export function send(fd: number, buffer: Uint8Array, length: number, flags: number): number {
  checkLength(length, buffer);
  let sent: number;
  do sent = native.send(descriptor(fd), buffer, length, flags);
  while (sent === -1 && interrupted('send'));
  return sent;
}

/**
 * Receives into `buffer` and returns the number of bytes, with MSG_TRUNC the datagram's whole length: recv(2). Goes on
 * after a signal.
 * @throws LinuxError EAGAIN where MSG_DONTWAIT finds nothing.
 */
export function recv(fd: number, buffer: Uint8Array, flags: number): number {
  let received: number;
  do received = native.recv(descriptor(fd), buffer, buffer.length, flags);
  while (received === -1 && interrupted('recv'));
  return received;
}

/** What recvmsg received. */
export interface Received {
  /** Bytes of data; with MSG_TRUNC, of the whole datagram. */
  readonly length: number;
  /** Bytes of control messages, each with the header of cmsg(3). */
  readonly controlLength: number;
}

/**
 * Receives data into `buffer` and control messages, such as the sender's namespace, into `control`: recvmsg(2), cmsg(3).
 * Goes on after a signal.
 * @throws LinuxError EAGAIN where MSG_DONTWAIT finds nothing.
 */
export function recvmsg(fd: number, buffer: Uint8Array, control: Uint8Array, flags: number): Received {
  // struct msghdr: name and its length; iovec and their number; control and its length; flags. struct iovec: base, length.
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
