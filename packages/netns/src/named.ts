// Named namespaces as ip-netns(8) keeps them: files in /run/netns that namespaces are mounted on.
import { flock, LinuxError, LOCK_EX, MNT_DETACH, MS_BIND, MS_REC, MS_SHARED, mount, umount2 } from '@spider/libc';
import { attempt } from './error.ts';

const directory = '/run/netns';

// Loading node:fs takes a fifth of a compiled program's start, and few programs name namespaces.
const fs = () => process.getBuiltinModule('node:fs');

/**
 * The file of a name.
 * @throws TypeError where the name is no file's name.
 */
export function fileOf(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || Buffer.byteLength(name) > 255)
    throw new TypeError(
      `${JSON.stringify(name)} cannot name a network namespace: 1 to 255 bytes without "/", not "." or ".."`,
    );
  return `${directory}/${name}`;
}

/** The names in use, in alphabetical order. */
export function listNames(): string[] {
  try {
    return fs().readdirSync(directory).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Gives an open namespace a new name.
 * @throws NetNsError
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
 * Takes a name away. The namespace itself goes when nothing else holds it.
 * @throws NetNsError
 */
export function removeName(name: string): void {
  const file = fileOf(name);
  attempt(`delete the network namespace ${name}`, () => {
    unlessInvalid(() => umount2(file, MNT_DETACH));
    fs().unlinkSync(file);
  });
}

/** Makes the directory a shared mount, so that names come and go in other mount namespaces as well. */
function shareDirectory(): void {
  fs().mkdirSync(directory, { recursive: true, mode: 0o755 });
  const lock = fs().openSync(directory, 'r');
  try {
    // Two programs at once would mount the directory twice, one over the other's names.
    flock(lock, LOCK_EX);
    const share = () => mount('', directory, 'none', MS_SHARED | MS_REC, null);
    if (unlessInvalid(share)) return;
    mount(directory, directory, 'none', MS_BIND | MS_REC, null);
    share();
  } finally {
    fs().closeSync(lock);
  }
}

/** Acts on a mount; false where there is none at that path, for which the kernel's word is EINVAL. */
function unlessInvalid(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof LinuxError && error.code === 'EINVAL') return false;
    throw error;
  }
}
