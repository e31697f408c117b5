// Executables are timed as an installer leaves them on a node: as copies. What a build has just written can lie in memory in
// smaller pieces, and then starts up to a quarter slower.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Puts a copy of `executable` at `path`, and returns that. */
export function installed(executable: string, path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  // A copy over an old one would lie where that lay.
  rmSync(path, { force: true });
  copyFileSync(executable, path);
  return path;
}
