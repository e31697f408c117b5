// Behaviour that both engines share. The tests run on Node, where koffi makes the calls, and on Bun, where bun:ffi does.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { declarations } from './declarations.ts';
import {
  AF_NETLINK,
  close,
  errno,
  LinuxError,
  NETLINK_ROUTE,
  native,
  O_CLOEXEC,
  O_RDONLY,
  O_RDWR,
  open,
  pread,
  pwrite,
  read,
  recv,
  SOCK_CLOEXEC,
  SOCK_RAW,
  socket,
  unshare,
} from './index.ts';

/** Name of the errno that `action` fails with. */
function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof LinuxError) return error.code;
    throw error;
  }
  return 'success';
}

/** An open file with this content. */
function openFile(content: string | Uint8Array, name = 'file'): number {
  const folder = mkdtempSync(join(tmpdir(), 'libc-'));
  writeFileSync(join(folder, name), content);
  const fd = open(join(folder, name), O_RDWR | O_CLOEXEC);
  onTestFinished(() => {
    close(fd);
    rmSync(folder, { recursive: true });
  });
  return fd;
}

test('every function of the table is in libc', () => {
  for (const name of Object.keys(declarations) as (keyof typeof declarations)[])
    expect(native[name], name).toBeTypeOf('function');
});

test('a raw call returns -1 and leaves its errno', () => {
  expect(native.close(-1)).toBe(-1);
  expect(errno()).toBe(9);
});

test('errno is that of the failed call while memory is taken and garbage collected', () => {
  setFlagsFromString('--expose-gc');
  const { Bun } = globalThis as { Bun?: { gc(now: boolean): void } };
  const collectGarbage: () => void = Bun ? () => Bun.gc(true) : runInNewContext('gc');
  const file = openFile('');
  const netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  onTestFinished(() => close(netlink));
  const failures = {
    EBADF: () => close(-1),
    EINVAL: () => unshare(-1),
    ENOENT: () => open('/does/not/exist', O_RDONLY),
    EAFNOSUPPORT: () => socket(1234, 0, 0),
    ENOTSOCK: () => recv(file, new Uint8Array(8), 0),
    ESPIPE: () => pread(netlink, new Uint8Array(8), 0),
  };
  let kept: unknown[] = [];
  for (let round = 0; round < 2000; round++) {
    for (const [code, action] of Object.entries(failures)) {
      kept.push({ code, bytes: new Uint8Array(round) });
      if (codeOf(action) !== code) expect.fail(`round ${round}: not ${code}`);
    }
    if (round % 100 === 0) kept = [];
    if (round % 50 === 0) collectGarbage();
  }
});

test('an int is signed', () => {
  expect(codeOf(() => close(-1))).toBe('EBADF');
  expect(codeOf(() => unshare(-0x8000_0000))).toBe('EINVAL');
});

test('an offset reaches beyond 32 bits', () => {
  const file = openFile('');
  expect(pwrite(file, Uint8Array.of(7), 1, 2 ** 33)).toBe(1);
  const bytes = new Uint8Array(2);
  expect(pread(file, bytes, 2 ** 33)).toBe(1);
  expect(bytes).toEqual(Uint8Array.of(7, 0));
});

test('a string goes as UTF-8', () => {
  const file = openFile('found', 'Grüße-你好-🙂');
  const bytes = new Uint8Array(5);
  read(file, bytes);
  expect(new TextDecoder().decode(bytes)).toBe('found');
});

test('a string with a NUL is refused, for C would cut it off', () => {
  expect(() => open('/etc/passwd\0.txt', O_RDONLY)).toThrow('"/etc/passwd\\u0000.txt" contains a NUL');
});

test('a part of a buffer is read and written where it lies', () => {
  const file = openFile('abcdef');
  const whole = new Uint8Array(10);
  expect(read(file, whole.subarray(2, 5))).toBe(3);
  expect(whole).toEqual(Uint8Array.of(0, 0, 97, 98, 99, 0, 0, 0, 0, 0));
  pwrite(file, whole.subarray(3), 2, 0);
  expect(pread(file, whole.subarray(0, 2), 0)).toBe(2);
  expect(whole.subarray(0, 2)).toEqual(Uint8Array.of(98, 99));
});

test('a small array may be moved by the runtime between calls', () => {
  const file = openFile('abcdef');
  const bytes = new Uint8Array(3);
  read(file, bytes);
  // Bun moves the bytes of a small array when its `buffer` is first accessed.
  const view = new DataView(bytes.buffer);
  read(file, bytes);
  expect(view.getUint8(0)).toBe('d'.charCodeAt(0));
});

test('an empty buffer is one of no bytes', () => {
  const file = openFile('abc');
  expect(read(file, new Uint8Array(0))).toBe(0);
  expect(pwrite(file, new Uint8Array(0), 0, 0)).toBe(0);
});

test.each([undefined, null, Number.NaN, 1.5, 2 ** 32, '0', {}])('%j is no descriptor', fd => {
  expect(() => close(fd as number)).toThrow(TypeError);
  expect(existsSync('/proc/self/fd/0')).toBe(true);
});

test.each([-1, 4, Number.NaN])('a length of %d is not within three bytes', length => {
  const file = openFile('abc');
  expect(() => pwrite(file, new Uint8Array(3), length, 0)).toThrow(RangeError);
  expect(pread(file, new Uint8Array(9), 0)).toBe(3);
});
