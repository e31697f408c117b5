import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty directory. */
export function createDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'cni-skel-'));
}

/** An executable shell script in a directory; returns its path. */
export function createScript(directory: string, name: string, script: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
