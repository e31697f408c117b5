// The executable among a node's plugins. The runtime may start a plugin at any moment, and the machine may stop at any
// moment: so each step is one rename(2), of a file that is whole and on the disk. A symbolic link by the plugin's name is
// replaced, not followed: where it leads may be another program's, and out of reach for a container.
import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { flock, LOCK_EX } from '@spider/libc';
import { copy } from './copy.ts';
import { sameContent } from './same-content.ts';

/** A directory of plugins, locked against others who install there. */
export class Installation implements Disposable {
  readonly #directory: number;
  readonly #source: string;
  readonly #target: string;
  readonly #previous: string;
  /** What is not a plugin yet, or not any more; of a run that was killed it may be left. */
  readonly #temporary: string;

  private constructor(directory: number, path: string, source: string) {
    this.#directory = directory;
    this.#source = source;
    this.#target = join(path, 'veth');
    this.#previous = join(path, 'veth.previous');
    this.#temporary = join(path, '.veth.temporary');
  }

  /** @throws Error where there is no such directory. */
  static open(path: string, source: string): Installation {
    try {
      const directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
      flock(directory, LOCK_EX);
      return new Installation(directory, path, source);
    } catch (error) {
      throw new Error(`cannot open ${path}: ${(error as Error).message}; make it, or name another with --bin-dir`);
    }
  }

  /** Returns what it did, in words. @throws Error where something stands by its name that it cannot replace. */
  install(): string {
    this.#clear();
    if (this.#isCurrent() && isExecutable(this.#target)) {
      // It may have been put there by a run that was killed before this.
      fsyncSync(this.#directory);
      return `${this.#target} is this version already`;
    }
    this.#write();
    const kept = this.#keepPrevious();
    renameSync(this.#temporary, this.#target);
    fsyncSync(this.#directory);
    return `installed ${this.#target}${kept ? `; what was there is kept as ${this.#previous}` : ''}`;
  }

  /** Returns what it did, in words. @throws Error where install would, or the file is not this version. */
  uninstall({ all, force }: { readonly all: boolean; readonly force: boolean }): string {
    this.#clear();
    if (statOf(this.#target) && !force && !this.#isCurrent())
      throw new Error(`${this.#target} is another version, or another program; --force takes it away all the same`);
    // An install that was killed had both names for one file.
    if (all || areOne(this.#previous, this.#target)) rmSync(this.#previous, { force: true });
    const restored = statOf(this.#previous) !== undefined;
    if (restored) renameSync(this.#previous, this.#target);
    else rmSync(this.#target, { force: true });
    fsyncSync(this.#directory);
    return restored ? `${this.#target} is what it was before` : `there is no ${this.#target} any more`;
  }

  [Symbol.dispose](): void {
    closeSync(this.#directory);
  }

  /** Removes what a run that was killed left, once it is sure that all its names can be had. */
  #clear(): void {
    for (const path of [this.#target, this.#previous, this.#temporary]) {
      const found = statOf(path);
      if (!found || found.isFile() || found.isSymbolicLink()) continue;
      const what = found.isDirectory() ? 'a directory' : 'no file';
      throw new Error(`${path} is ${what}; move it away, or name another directory with --bin-dir`);
    }
    rmSync(this.#temporary, { force: true });
  }

  /** True where the plugin is a file of its own that has this program's bytes. */
  #isCurrent(): boolean {
    return statOf(this.#target)?.isFile() === true && sameContent(this.#source, this.#target);
  }

  /** Makes the file under a name that no runtime looks for. */
  #write(): void {
    try {
      copy(this.#source, this.#temporary);
      // The umask has had its say.
      chmodSync(this.#temporary, 0o755);
    } catch (error) {
      rmSync(this.#temporary, { force: true });
      throw error;
    }
  }

  /** Gives what is there a second name. The first one stays, so there is always a plugin. */
  #keepPrevious(): boolean {
    const found = statOf(this.#target);
    if (!found) return false;
    rmSync(this.#previous, { force: true });
    // link(2) of another user's symbolic link takes a capability: protected_hardlinks in proc(5).
    if (found.isSymbolicLink()) symlinkSync(readlinkSync(this.#target), this.#previous);
    else linkSync(this.#target, this.#previous);
    return true;
  }
}

/** Says what has a name, not where a symbolic link leads. */
function statOf(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** True where everybody may run it. */
function isExecutable(path: string): boolean {
  return ((statOf(path)?.mode ?? 0) & 0o111) === 0o111;
}

function areOne(one: string, other: string): boolean {
  const [first, second] = [statOf(one), statOf(other)];
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}
