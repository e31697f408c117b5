// Files in /proc/net, which each network namespace has for itself: proc_pid_net(5).
import { close, LinuxError, O_CLOEXEC, O_RDONLY, open, read } from '@spider/libc';
import type { NetNs } from '@spider/netns';

/**
 * The text of a file; empty if there is none, because its module is not loaded.
 * @throws LinuxError
 */
export function readProcNet(namespace: NetNs, name: string): string {
  // Not /proc/net, which is that of the main thread.
  const path = `/proc/thread-self/net/${name}`;
  let fd: number;
  try {
    // An open file stays that namespace's, wherever the thread goes.
    fd = namespace.run(() => open(path, O_RDONLY | O_CLOEXEC));
  } catch (error) {
    if (error instanceof LinuxError && error.code === 'ENOENT') return '';
    throw error;
  }
  try {
    const [decoder, buffer] = [new TextDecoder(), new Uint8Array(4096)];
    let text = '';
    for (let count = read(fd, buffer); count > 0; count = read(fd, buffer))
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
    return text;
  } finally {
    close(fd);
  }
}
