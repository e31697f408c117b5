import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import {
  CLONE_NEWNET,
  close,
  dup3,
  F_GETFD,
  FD_CLOEXEC,
  fcntl,
  flock,
  ioctl,
  LOCK_EX,
  LOCK_NB,
  NS_GET_NSTYPE,
  O_CLOEXEC,
  O_RDONLY,
  O_RDWR,
  open,
  pread,
  pwrite,
  read,
  write,
} from './index.ts';

let path = '';

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'libc-'));
  path = join(folder, 'file');
  writeFileSync(path, 'abcdef');
  return () => rmSync(folder, { recursive: true });
});

function opened(file: string, flags: number): number {
  const fd = open(file, flags);
  onTestFinished(() => close(fd));
  return fd;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const error = (code: string) => expect.objectContaining({ name: 'LinuxError', code });

test('a file is read to its end', () => {
  const fd = opened(path, O_RDONLY | O_CLOEXEC);
  const buffer = new Uint8Array(4);
  expect(read(fd, buffer)).toBe(4);
  expect(text(buffer)).toBe('abcd');
  expect(read(fd, buffer)).toBe(2);
  expect(read(fd, buffer)).toBe(0);
});

test('as many bytes as are asked for are written', () => {
  const fd = opened(path, O_RDWR | O_CLOEXEC);
  expect(write(fd, new TextEncoder().encode('XYZ'), 2)).toBe(2);
  expect(readFileSync(path, 'utf8')).toBe('XYcdef');
});

test('pread and pwrite leave the position alone', () => {
  const fd = opened(path, O_RDWR | O_CLOEXEC);
  const buffer = new Uint8Array(2);
  pwrite(fd, new TextEncoder().encode('Z'), 1, 5);
  expect(pread(fd, buffer, 4)).toBe(2);
  expect(text(buffer)).toBe('eZ');
  read(fd, buffer);
  expect(text(buffer)).toBe('ab');
});

test('a missing file is ENOENT, named with its call', () => {
  expect(() => open(`${path}.missing`, O_RDONLY)).toThrow('open: ENOENT (No such file or directory)');
});

test('a closed descriptor is closed', () => {
  const fd = open(path, O_RDONLY | O_CLOEXEC);
  close(fd);
  expect(() => read(fd, new Uint8Array(1))).toThrow(error('EBADF'));
});

test('a child does not inherit what was opened with O_CLOEXEC', () => {
  const flags = (fd: number) => /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
  expect(Number.parseInt(flags(opened(path, O_CLOEXEC)) as string, 8) & O_CLOEXEC).toBe(O_CLOEXEC);
  expect(Number.parseInt(flags(opened(path, O_RDONLY)) as string, 8) & O_CLOEXEC).toBe(0);
});

test('dup3 puts an open file in the place of another', () => {
  const fd = opened(path, O_RDONLY | O_CLOEXEC);
  const target = opened('/dev/null', O_RDONLY);
  dup3(fd, target, O_CLOEXEC);
  const buffer = new Uint8Array(6);
  read(target, buffer);
  expect(text(buffer)).toBe('abcdef');
  expect(() => dup3(fd, fd, O_CLOEXEC)).toThrow(error('EINVAL'));
});

test('fcntl tells whether children get a descriptor', () => {
  expect(fcntl(opened(path, O_RDONLY | O_CLOEXEC), F_GETFD)).toBe(FD_CLOEXEC);
  const fd = opened(path, O_RDONLY);
  expect(fcntl(fd, F_GETFD)).toBe(0);
  expect(() => fcntl(fd, -1)).toThrow(error('EINVAL'));
});

test('ioctl returns the answer', () => {
  expect(ioctl(opened('/proc/self/ns/net', O_RDONLY | O_CLOEXEC), NS_GET_NSTYPE)).toBe(CLONE_NEWNET);
});

test('ioctl of a file that does not know the request fails', () => {
  expect(() => ioctl(opened(path, O_RDONLY | O_CLOEXEC), NS_GET_NSTYPE)).toThrow(error('ENOTTY'));
});

test('flock keeps others out until the file is closed', () => {
  const fd = open(path, O_RDONLY | O_CLOEXEC);
  const lockElsewhere = () => spawnSync('flock', ['--nonblock', path, 'true']).status;
  expect(lockElsewhere()).toBe(0);
  flock(fd, LOCK_EX);
  expect(lockElsewhere()).toBe(1);
  expect(() => flock(opened(path, O_RDONLY | O_CLOEXEC), LOCK_EX | LOCK_NB)).toThrow(error('EAGAIN'));
  close(fd);
  expect(lockElsewhere()).toBe(0);
});
