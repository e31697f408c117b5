import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

/** A new empty directory, which is removed after the test file. */
export function createDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cni-skel-'));
  directories.push(directory);
  return directory;
}

/** An executable shell script in a directory; returns its path. */
export function createScript(directory: string, name: string, script: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
