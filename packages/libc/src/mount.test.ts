import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { MNT_DETACH, MS_BIND, MS_SHARED, mount, umount2 } from './index.ts';

let source = '';
let target = '';

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'libc-'));
  source = join(folder, 'source');
  target = join(folder, 'target');
  mkdirSync(source);
  mkdirSync(target);
  writeFileSync(join(source, 'file'), '');
  return () => rmSync(folder, { recursive: true });
});

test('a directory is seen where it is bound, until it is unmounted', () => {
  mount(source, target, null, MS_BIND, null);
  expect(existsSync(join(target, 'file'))).toBe(true);
  umount2(target, MNT_DETACH);
  expect(existsSync(join(target, 'file'))).toBe(false);
});

test('a file system is mounted with its data', () => {
  mount('none', target, 'tmpfs', 0, 'size=64k');
  const line = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find(mounted => mounted.includes(target));
  umount2(target, 0);
  expect(line).toContain('tmpfs');
  expect(line).toContain('size=64k');
});

test('what is no mount has no propagation to change', () => {
  expect(() => mount(null, target, null, MS_SHARED, null)).toThrow('mount: EINVAL (Invalid argument)');
});

test('a missing mount is EINVAL', () => {
  expect(() => umount2(target, 0)).toThrow('umount2: EINVAL (Invalid argument)');
});
