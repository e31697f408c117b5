import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AT_EMPTY_PATH, AT_FDCWD, close, O_CLOEXEC, O_RDONLY, open, statx } from './index.ts';

/** makedev(3) */
function makedev(major: number, minor: number): bigint {
  return BigInt((minor & 0xff) | (major << 8)) | (BigInt(minor & ~0xff) << 12n);
}

test('statx tells what stat tells, for a path and for an open file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'libc-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, 'abcdef', { mode: 0o640 });
  const { ino, size, mode, dev } = statSync(path, { bigint: true });
  const fd = open(path, O_RDONLY | O_CLOEXEC);
  onTestFinished(() => close(fd));
  for (const found of [statx(AT_FDCWD, path, 0), statx(fd, '', AT_EMPTY_PATH)]) {
    expect(found).toMatchObject({ inode: ino, size, mode: Number(mode) });
    expect(makedev(found.deviceMajor, found.deviceMinor)).toBe(dev);
  }
});

test('statx tells the device that contains the file, not that which the file stands for', () => {
  // /proc is on a device with a minor number of its own; in /dev, files stand for devices.
  for (const path of ['/proc', '/dev/null']) {
    const { deviceMajor, deviceMinor } = statx(AT_FDCWD, path, 0);
    expect(makedev(deviceMajor, deviceMinor)).toBe(statSync(path, { bigint: true }).dev);
  }
});

test('statx fails with the errno of a path that leads nowhere', () => {
  expect(() => statx(AT_FDCWD, '/nowhere', 0)).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'statx' }));
});
