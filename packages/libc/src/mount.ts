import { check, native } from './call.ts';
import { cString } from './string.ts';

// <sys/mount.h>: flags of mount
/** Makes a file or directory visible at a second place. */
export const MS_BIND = 0x1000;
/** With MS_BIND or a propagation flag: includes all mounts below. */
export const MS_REC = 0x4000;
/** Propagation: mounts below this one appear in its peers in other mount namespaces too, mount_namespaces(7). */
export const MS_SHARED = 0x10_0000;

// <sys/mount.h>: flags of umount2
/** Removes the mount from the directory tree at once, and unmounts it when nothing uses it any more. */
export const MNT_DETACH = 2;

/**
 * Mounts a file system, or changes a mount: mount(2). `null` is passed as NULL.
 * @throws LinuxError
 * @throws TypeError a string contains a NUL
 */
export function mount(
  source: string | null,
  target: string,
  fstype: string | null,
  flags: number,
  data: string | null,
): void {
  check('mount', native.mount(pointer(source), pointer(target), pointer(fstype), flags, pointer(data)));
}

/**
 * Removes a mount: umount2(2).
 * @throws LinuxError EINVAL: `target` is not a mount point
 * @throws TypeError the path contains a NUL
 */
export function umount2(target: string, flags: number): void {
  check('umount2', native.umount2(cString(target), flags));
}

function pointer(text: string | null): Uint8Array | null {
  return text === null ? null : cString(text);
}
