import { check, native } from './call.ts';
import { descriptor } from './checks.ts';

// <sched.h>: types of namespaces
/** Mount namespace: mount_namespaces(7). */
export const CLONE_NEWNS = 0x0002_0000;
/** Network namespace: network_namespaces(7). */
export const CLONE_NEWNET = 0x4000_0000;

// <linux/nsfs.h>: requests of ioctl for the file descriptor of a namespace, ioctl_ns(2)
/** Returns the type of the namespace: CLONE_NEW*. */
export const NS_GET_NSTYPE = 0xb703;

/**
 * Moves the calling thread into a namespace: setns(2). `type` is the type that the namespace must have, 0 for any.
 * @throws LinuxError
 * @throws TypeError `fd` is not an integer
 */
export function setns(fd: number, type: number): void {
  check('setns', native.setns(descriptor(fd), type));
}

/**
 * Moves the calling thread into new namespaces: unshare(2). `flags` is a sum of CLONE_NEW*.
 * @throws LinuxError
 */
export function unshare(flags: number): void {
  check('unshare', native.unshare(flags));
}
