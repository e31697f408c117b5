// Installs the executable among a node's plugins. The runtime may start a plugin at any moment, and the machine may lose
// power, so each step is one rename(2) of a file that is complete and on the disk. A symbolic link at the plugin's path is
// replaced, not followed: its target may belong to another program, or be out of reach for a container.
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

/** A directory of plugins, locked against other installations. */
export class Installation implements Disposable {
  readonly #directory: number;
  readonly #source: string;
  readonly #target: string;
  readonly #previous: string;
  /** The path of the new file until it is complete. A killed run may leave it behind. */
  readonly #temporary: string;

  private constructor(directory: number, path: string, source: string) {
    this.#directory = directory;
    this.#source = source;
    this.#target = join(path, 'veth');
    this.#previous = join(path, 'veth.previous');
    this.#temporary = join(path, '.veth.temporary');
  }

  /** @throws Error if there is no such directory */
  static open(path: string, source: string): Installation {
    try {
      const directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
      flock(directory, LOCK_EX);
      return new Installation(directory, path, source);
    } catch (error) {
      throw new Error(`cannot open ${path}: ${(error as Error).message}; make it, or name another with --bin-dir`);
    }
  }

  /** Returns a sentence that says what it did. @throws Error if there is something at the path that it cannot replace */
  install(): string {
    this.#clear();
    if (this.#isCurrent() && isExecutable(this.#target)) {
      // A run may have been killed after its rename(2), before this.
      fsyncSync(this.#directory);
      return `${this.#target} is this version already`;
    }
    this.#write();
    const kept = this.#keepPrevious();
    renameSync(this.#temporary, this.#target);
    fsyncSync(this.#directory);
    return `installed ${this.#target}${kept ? `; what was there is kept as ${this.#previous}` : ''}`;
  }

  /** Returns a sentence that says what it did. @throws Error as `install` does, or if the file is not this version */
  uninstall({ all, force }: { readonly all: boolean; readonly force: boolean }): string {
    this.#clear();
    if (statOf(this.#target) && !force && !this.#isCurrent())
      throw new Error(`${this.#target} is another version, or another program; --force takes it away all the same`);
    // A killed install may have left both names for one file.
    if (all || areSameFile(this.#previous, this.#target)) rmSync(this.#previous, { force: true });
    const restored = statOf(this.#previous) !== undefined;
    if (restored) renameSync(this.#previous, this.#target);
    else rmSync(this.#target, { force: true });
    fsyncSync(this.#directory);
    return restored ? `${this.#target} is what it was before` : `there is no ${this.#target} any more`;
  }

  [Symbol.dispose](): void {
    closeSync(this.#directory);
  }

  /** Removes what a killed run left behind. Checks first that each path is free, a file or a symbolic link. */
  #clear(): void {
    for (const path of [this.#target, this.#previous, this.#temporary]) {
      const found = statOf(path);
      if (!found || found.isFile() || found.isSymbolicLink()) continue;
      const what = found.isDirectory() ? 'a directory' : 'no file';
      throw new Error(`${path} is ${what}; move it away, or name another directory with --bin-dir`);
    }
    rmSync(this.#temporary, { force: true });
  }

  /** True if the plugin is a regular file with the same content as this program. */
  #isCurrent(): boolean {
    return statOf(this.#target)?.isFile() === true && sameContent(this.#source, this.#target);
  }

  /** Writes the new file to a path at which no runtime looks for plugins. */
  #write(): void {
    try {
      copy(this.#source, this.#temporary);
      // Undoes the effect of the umask.
      chmodSync(this.#temporary, 0o755);
    } catch (error) {
      rmSync(this.#temporary, { force: true });
      throw error;
    }
  }

  /** Gives the present file a second name. It keeps the first, so there is always a plugin. */
  #keepPrevious(): boolean {
    const found = statOf(this.#target);
    if (!found) return false;
    rmSync(this.#previous, { force: true });
    // link(2) of another user's symbolic link needs a capability: protected_hardlinks in proc(5).
    if (found.isSymbolicLink()) symlinkSync(readlinkSync(this.#target), this.#previous);
    else linkSync(this.#target, this.#previous);
    return true;
  }
}

/** The status of the path itself: does not follow symbolic links. */
function statOf(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** True if everybody may execute it. */
function isExecutable(path: string): boolean {
  return ((statOf(path)?.mode ?? 0) & 0o111) === 0o111;
}

function areSameFile(one: string, other: string): boolean {
  const [first, second] = [statOf(one), statOf(other)];
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}
