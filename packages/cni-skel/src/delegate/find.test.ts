import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDirectory } from '../../test/directory.ts';
import { findInPath, splitPath } from './find.ts';

describe('a plugin', () => {
  const [first, second] = [createDirectory(), createDirectory()];
  writeFileSync(join(second, 'bridge'), '', { mode: 0o600 });

  it('C118 is found in the first directory that has a file of its name, executable or not', () => {
    expect(findInPath('bridge', [first, second])).toBe(join(second, 'bridge'));
    writeFileSync(join(first, 'ptp'), '');
    writeFileSync(join(second, 'ptp'), '');
    expect(findInPath('ptp', [first, second])).toBe(join(first, 'ptp'));
  });

  it('C118 may be a link to a file, but not a directory or a dangling link', () => {
    symlinkSync(join(second, 'bridge'), join(first, 'link'));
    symlinkSync('/nowhere', join(first, 'dangling'));
    mkdirSync(join(first, 'directory'));
    expect(findInPath('link', [first])).toBe(join(first, 'link'));
    expect(() => findInPath('dangling', [first])).toThrow('failed to find plugin');
    expect(() => findInPath('directory', [first])).toThrow('failed to find plugin');
  });

  it('C119 that is nowhere is looked for in every directory, even one that is none', () => {
    expect(() => findInPath('x', ['/a', '/etc/passwd'])).toThrow('failed to find plugin "x" in path [/a /etc/passwd]');
  });

  it.each([
    ['', ['/a'], 'no plugin name provided'],
    ['../x', ['/a'], 'invalid plugin name: ../x'],
    ['/bin/sh', ['/a'], 'invalid plugin name: /bin/sh'],
    ['x', [], 'no paths provided'],
  ])('C119 %j in %j cannot be looked for', (type, directories, message) => {
    expect(() => findInPath(type, directories)).toThrow(message);
  });
});

describe('CNI_PATH', () => {
  it.each([
    ['/a:/b', ['/a', '/b']],
    ['', []],
    ['/a::/b:', ['/a', '/b']],
  ])('C119 %j has the directories %j', (path, directories) => {
    expect(splitPath(path)).toEqual(directories);
  });
});
