import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import {
  AF_INET,
  AF_NETLINK,
  bind,
  close,
  getsockname,
  getsockopt,
  LinuxError,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  NETLINK_EXT_ACK,
  NETLINK_ROUTE,
  recv,
  recvmsg,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  send,
  setsockopt,
  socket,
} from './index.ts';

function netlinkSocket(): number {
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  onTestFinished(() => close(fd));
  return fd;
}

/** A message without effect that requests an acknowledgement: nlmsghdr of NLMSG_NOOP with NLM_F_REQUEST|NLM_F_ACK. */
const noop = Uint8Array.of(16, 0, 0, 0, 1, 0, 5, 0, 42, 0, 0, 0, 0, 0, 0, 0);

const error = (code: string) => expect.objectContaining({ name: 'LinuxError', code });

test('a netlink request is sent and its acknowledgement received', () => {
  const fd = netlinkSocket();
  expect(send(fd, noop, noop.length, 0)).toBe(16);
  const reply = new Uint8Array(64);
  // nlmsghdr, then struct nlmsgerr: error 0 and the header of the request
  expect(recv(fd, reply, MSG_DONTWAIT)).toBe(36);
  expect(reply.subarray(16, 36)).toEqual(Uint8Array.of(0, 0, 0, 0, ...noop));
});

test('recv tells the whole length of a datagram that it only peeks at', () => {
  const fd = netlinkSocket();
  send(fd, noop, noop.length, 0);
  const start = new Uint8Array(4);
  expect(recv(fd, start, MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC)).toBe(36);
  expect(start).toEqual(Uint8Array.of(36, 0, 0, 0));
  expect(recv(fd, new Uint8Array(64), MSG_DONTWAIT)).toBe(36);
});

test('recv throws EAGAIN where nothing is to be received', () => {
  const fd = netlinkSocket();
  expect(() => recv(fd, new Uint8Array(64), MSG_DONTWAIT)).toThrow(error('EAGAIN'));
});

test('recvmsg receives a datagram, and what the kernel says beside it', () => {
  const fd = netlinkSocket();
  const NETLINK_PKTINFO = 3;
  setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, 1);
  send(fd, noop, noop.length, 0);
  // Runtimes move small arrays.
  const [reply, control] = [new Uint8Array(40), new Uint8Array(64)];
  expect(recvmsg(fd, reply, control, MSG_DONTWAIT)).toEqual({ length: 36, controlLength: 24 });
  expect(reply.subarray(16, 36)).toEqual(Uint8Array.of(0, 0, 0, 0, ...noop));
  // struct cmsghdr: length 20, level, type; then the multicast group, 0 for none
  expect(control.subarray(0, 20)).toEqual(
    new Uint8Array(Uint32Array.of(20, 0, SOL_NETLINK, NETLINK_PKTINFO, 0).buffer),
  );
});

test('recvmsg tells the whole length of a datagram, and fails as recv does', () => {
  const fd = netlinkSocket();
  send(fd, noop, noop.length, 0);
  const empty = new Uint8Array(0);
  expect(recvmsg(fd, new Uint8Array(4), empty, MSG_DONTWAIT | MSG_TRUNC)).toEqual({ length: 36, controlLength: 0 });
  expect(() => recvmsg(fd, new Uint8Array(4), empty, MSG_DONTWAIT)).toThrow(error('EAGAIN'));
});

test('recv goes on waiting when a signal interrupts it', async () => {
  const fd = netlinkSocket();
  const ignore = () => {};
  process.on('SIGUSR2', ignore);
  onTestFinished(() => void process.off('SIGUSR2', ignore));
  // SA_RESTART does not restart a call that has a timeout: signal(7).
  const second = new BigInt64Array([1n, 0n]);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(second.buffer));
  const signals = spawn('sh', ['-c', `echo; for i in 1 2 3; do sleep 0.1; kill -USR2 ${process.pid} || exit; done`]);
  await once(signals.stdout, 'data');
  expect(() => recv(fd, new Uint8Array(64), 0)).toThrow(error('EAGAIN'));
  const [status] = await once(signals, 'close');
  expect(status).toBe(0);
});

test('send refuses to read beyond the buffer', () => {
  expect(() => send(netlinkSocket(), noop, noop.length + 1, 0)).toThrow(RangeError);
});

test('a bound socket has its address', () => {
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  onTestFinished(() => close(fd));
  // struct sockaddr_in: family, port 0 (the kernel chooses one), 127.0.0.1
  bind(fd, Uint8Array.of(AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0));
  const address = new Uint8Array(16);
  expect(getsockname(fd, address)).toBe(16);
  expect(address.subarray(4, 8)).toEqual(Uint8Array.of(127, 0, 0, 1));
  expect(address[2] || address[3]).toBeTruthy();
});

test('getsockname tells the length of an address that is longer than the array', () => {
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  onTestFinished(() => close(fd));
  expect(getsockname(fd, new Uint8Array(2))).toBe(16);
});

test('an option is set by a number and read back as bytes', () => {
  const fd = netlinkSocket();
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
  const value = new Uint8Array(8);
  expect(getsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, value)).toBe(4);
  expect(value).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
});

test('an option is set by bytes', () => {
  const fd = netlinkSocket();
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, Uint8Array.of(0, 0x40, 0, 0));
  const value = new Int32Array(1);
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Uint8Array(value.buffer));
  // The kernel doubles the value: socket(7).
  expect(value[0]).toBe(0x8000);
});

test('an option that the kernel does not know is refused', () => {
  expect(() => setsockopt(netlinkSocket(), SOL_NETLINK, 9999, 1)).toThrow(error('ENOPROTOOPT'));
});

test('what libc refuses is a LinuxError', () => {
  expect(() => socket(-1, 0, 0)).toThrow(LinuxError);
});
