// Rotates a log file to which any number of processes append. The file is renamed, never truncated: a process that has it
// open goes on writing to it, so no line is lost.
import type { Stats } from 'node:fs';

/** When a log file is rotated, and how many rotated files are kept. */
export interface Limits {
  /** Bytes at which the file is rotated. */
  readonly size: number;
  /** Milliseconds since its last line after which a rotated file is deleted. */
  readonly age: number;
  /** Rotated files that are kept. */
  readonly count: number;
}

/** Milliseconds. A lock that is older was left behind by a killed process. */
const staleLockAge = 10_000;

/** Rotates the file if it has reached its size. Ignores all errors: a log must not keep a pod from its network. */
export function rotate(file: string, limits: Limits): void {
  // Loaded here, so that only calls that log to a file pay for it.
  const fs = process.getBuiltinModule('node:fs');
  const { basename, dirname, join } = process.getBuiltinModule('node:path');
  const statOf = (path: string): Stats | undefined => fs.statSync(path, { throwIfNoEntry: false });
  const lock = `${file}.lock`;
  try {
    if ((statOf(file)?.size ?? 0) < limits.size) return;
    const held = statOf(lock);
    if (held && Date.now() - held.mtimeMs > staleLockAge) fs.rmdirSync(lock);
    // Succeeds for one process only. The others do not rotate.
    fs.mkdirSync(lock);
  } catch {
    return;
  }
  try {
    const asideNow = `${file}.${new Date().toISOString()}`;
    if ((statOf(file)?.size ?? 0) >= limits.size && !statOf(asideNow)) fs.renameSync(file, asideNow);
    const directory = dirname(file);
    const aside = fs
      .readdirSync(directory)
      .filter(name => name.startsWith(`${basename(file)}.`) && !name.endsWith('.lock'))
      .sort()
      .reverse()
      .map(name => join(directory, name));
    for (const [i, path] of aside.entries())
      if (i >= limits.count || Date.now() - (statOf(path)?.mtimeMs ?? 0) > limits.age) fs.rmSync(path, { force: true });
  } catch {
    // The next call tries again.
  }
  try {
    fs.rmdirSync(lock);
  } catch {
    // Another process took the lock for a stale one.
  }
}
