import { addressOf, check, interrupted, native } from './call.ts';
import { checkLength, descriptor } from './checks.ts';

// <sys/socket.h>: address families, types, flags of send and recv
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const MSG_PEEK = 0x02;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

// <sys/socket.h>: options of every socket
export const SOL_SOCKET = 1;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_RCVTIMEO = 20;
export const SO_BINDTODEVICE = 25;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;

// <linux/netlink.h>: protocols, options
export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
export const NETLINK_GENERIC = 16;

export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_DROP_MEMBERSHIP = 2;
export const NETLINK_NO_ENOBUFS = 5;
export const NETLINK_LISTEN_ALL_NSID = 8;
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;
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
  const bytes = typeof value === 'number' ? Int32Array.of(value) : value;
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
