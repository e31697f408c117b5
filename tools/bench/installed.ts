// Executables are timed as `veth install` leaves them on a node: how a file was written makes up to a quarter of a start.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { copy } from '../../apps/veth/src/cli/install/copy.ts';

/** Puts a copy of `executable` at `path`, and returns that. */
export function installed(executable: string, path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  // A copy over an old one would lie where that lay.
  rmSync(path, { force: true });
  copy(executable, path);
  return path;
}
