// Serialises the ADDs of one pod, whose NICs share a pair. The SPEC asks runtimes not to make parallel calls for a
// container, but containerd does.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { flock, LinuxError, LOCK_EX, LOCK_NB } from '@spider/libc';
import type { NetNs } from '@spider/netns';

/** Milliseconds. An ADD takes some tens of them, and longer if it probes for address conflicts. */
const timeout = 30_000;
const interval = 5;

/**
 * Locks the pod's namespace until it is closed, or this process ends. Waits while another ADD has the lock. Only ADD takes
 * it, because the pod's own processes could hold it too, and block DEL.
 * @throws CNIError code 11 after a timeout, and the reason of `signal` if that is aborted
 */
export async function lockPod(pod: NetNs, signal: AbortSignal): Promise<void> {
  for (let waited = 0; !tryLock(pod); waited += interval) {
    if (waited >= timeout)
      throw new CNIError(ErrorCode.TryAgainLater, 'another ADD has been at work in the pod for half a minute');
    const { setTimeout } = await import('node:timers/promises');
    await setTimeout(interval);
    signal.throwIfAborted();
  }
}

function tryLock({ fd }: NetNs): boolean {
  try {
    flock(fd, LOCK_EX | LOCK_NB);
    return true;
  } catch (error) {
    if (error instanceof LinuxError && error.code === 'EAGAIN') return false;
    throw error;
  }
}
