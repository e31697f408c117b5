// Named namespaces as in ip-netns(8): files in /run/netns on which namespaces are mounted.
import { flock, LinuxError, LOCK_EX, MNT_DETACH, MS_BIND, MS_REC, MS_SHARED, mount, umount2 } from '@spider/libc';
import { attempt } from './error.ts';

const directory = '/run/netns';

// Loading node:fs takes a fifth of a compiled program's start-up time, and few programs use named namespaces.
const fs = () => process.getBuiltinModule('node:fs');

/**
 * The file of a name.
 * @throws TypeError the name cannot be that of a file
 */
export function fileOf(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || Buffer.byteLength(name) > 255)
    throw new TypeError(
      `${JSON.stringify(name)} cannot name a network namespace: 1 to 255 bytes without "/", not "." or ".."`,
    );
  return `${directory}/${name}`;
}

/** Existing names, sorted. */
export function listNames(): string[] {
  try {
    return fs().readdirSync(directory).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Gives a name to an open namespace.
 * @throws NetNsError `exists`, `no-permission`
 */
export function addName(name: string, fd: number): void {
  const file = fileOf(name);
  attempt(`name a network namespace ${name}`, () => {
    shareDirectory();
    fs().closeSync(fs().openSync(file, 'wx', 0));
    try {
      mount(`/proc/self/fd/${fd}`, file, 'none', MS_BIND, null);
    } catch (error) {
      fs().unlinkSync(file);
      throw error;
    }
  });
}

/**
 * Removes a name. The namespace itself is destroyed when nothing else refers to it.
 * @throws NetNsError `not-found`, `no-permission`
 */
export function removeName(name: string): void {
  const file = fileOf(name);
  attempt(`delete the network namespace ${name}`, () => {
    unlessInvalid(() => umount2(file, MNT_DETACH));
    fs().unlinkSync(file);
  });
}

/** Makes the directory a shared mount, so that other mount namespaces see changes of the names. */
function shareDirectory(): void {
  fs().mkdirSync(directory, { recursive: true, mode: 0o755 });
  const lock = fs().openSync(directory, 'r');
  try {
    // Otherwise two programs could mount the directory at the same time, and one mount would hide the names in the other.
    flock(lock, LOCK_EX);
    const share = () => mount('', directory, 'none', MS_SHARED | MS_REC, null);
    if (unlessInvalid(share)) return;
    mount(directory, directory, 'none', MS_BIND | MS_REC, null);
    share();
  } finally {
    fs().closeSync(lock);
  }
}

/** Runs an operation on a mount; false if nothing is mounted at that path, for which the kernel returns EINVAL. */
function unlessInvalid(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof LinuxError && error.code === 'EINVAL') return false;
    throw error;
  }
}
