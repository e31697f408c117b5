import { check, native } from './call.ts';
import { descriptor } from './checks.ts';

// <sched.h>: kinds of namespaces
/** A mount namespace: mount_namespaces(7). */
export const CLONE_NEWNS = 0x0002_0000;
/** A network namespace: network_namespaces(7). */
export const CLONE_NEWNET = 0x4000_0000;

// <linux/nsfs.h>: requests of ioctl to a namespace's descriptor, ioctl_ns(2)
/** Asks which kind it is: a CLONE_NEW*. */
export const NS_GET_NSTYPE = 0xb703;

/**
 * Moves the calling thread into a namespace: setns(2). `type` is the kind that `fd` must be, or 0 for any.
 * @throws LinuxError
 */
export function setns(fd: number, type: number): void {
  check('setns', native.setns(descriptor(fd), type));
}

/**
 * Moves the calling thread into new namespaces: unshare(2).
 * @throws LinuxError
 */
export function unshare(flags: number): void {
  check('unshare', native.unshare(flags));
}
