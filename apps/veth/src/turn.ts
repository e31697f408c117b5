// ADDs of one pod, one after the other. The SPEC asks runtimes for that, but containerd attaches a pod to its networks at
// the same time, and the NICs of a pod share a pair.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { flock, LinuxError, LOCK_EX, LOCK_NB } from '@spider/libc';
import type { NetNs } from '@spider/netns';

/** Milliseconds. An ADD takes some tens of them, and with `ip_conflict` its probes. */
const patience = 30_000;
const interval = 5;

/**
 * Waits until no other ADD works in the pod; from then on none does until this process ends. The pod's own processes can
 * keep the lock too, and so nothing but ADD waits for it.
 * @throws CNIError code 11 where it takes too long, and what `signal` was aborted with
 */
export async function takeTurn(pod: NetNs, signal: AbortSignal): Promise<void> {
  for (let waited = 0; !locks(pod); waited += interval) {
    if (waited >= patience)
      throw new CNIError(ErrorCode.TryAgainLater, 'another ADD has been at work in the pod for half a minute');
    const { setTimeout } = await import('node:timers/promises');
    await setTimeout(interval);
    signal.throwIfAborted();
  }
}

function locks({ fd }: NetNs): boolean {
  try {
    flock(fd, LOCK_EX | LOCK_NB);
    return true;
  } catch (error) {
    if (error instanceof LinuxError && error.code === 'EAGAIN') return false;
    throw error;
  }
}
