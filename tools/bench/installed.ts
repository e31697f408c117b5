// Copies executables to be timed as `veth install` does on a node: the way in which a file was written can make up a
// quarter of its start-up time.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { copy } from '../../apps/veth/src/cli/install/copy.ts';

/** Copies `executable` to `path`, and returns `path`. */
export function installed(executable: string, path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  // Writing over an old copy would reuse its pages in memory.
  rmSync(path, { force: true });
  copy(executable, path);
  return path;
}
