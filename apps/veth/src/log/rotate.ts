// Keeps a log file within bounds while any number of processes append to it. A file is only ever renamed: whoever has it
// open goes on writing to it under its new name, so that no line is lost.
import type { Stats } from 'node:fs';

/** When a log file is put aside, and how many of those are kept. */
export interface Limits {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the last line. */
  readonly age: number;
  readonly count: number;
}

/** Older than this, a lock was left behind by a process that was killed. */
const lockPatience = 10_000;

/** Puts the file aside where it has reached its size. Whatever fails: a log must not keep a pod from its network. */
export function rotate(file: string, limits: Limits): void {
  // Only those who log to a file pay for loading them.
  const fs = process.getBuiltinModule('node:fs');
  const { basename, dirname, join } = process.getBuiltinModule('node:path');
  const statOf = (path: string): Stats | undefined => fs.statSync(path, { throwIfNoEntry: false });
  const lock = `${file}.lock`;
  try {
    if ((statOf(file)?.size ?? 0) < limits.size) return;
    const held = statOf(lock);
    if (held && Date.now() - held.mtimeMs > lockPatience) fs.rmdirSync(lock);
    // Made by one process alone; the others go on as they are.
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
    // The next process tries again.
  }
  try {
    fs.rmdirSync(lock);
  } catch {
    // Another took it for one that was left behind.
  }
}
