// Waits without a thread. A blocking read would occupy one of the few threads that the runtime has for files and DNS, and
// the event loops of Node and Bun do not accept a netlink socket. But both poll descriptors of other types, and the kernel
// polls whatever file the descriptor refers to at that time.
import { AF_UNIX, close, dup3, O_CLOEXEC, SOCK_CLOEXEC, SOCK_STREAM, socket } from '@spider/libc';

/** A socket that only signals that something has arrived. */
export interface Doorbell {
  close(): void;
}

/**
 * Calls `ring` whenever something arrives at a socket, which it reads and discards. If it can no longer read, it calls
 * `ring` with the error. It owns `fd`.
 */
export function hangDoorbell(fd: number, ring: (failure?: Error) => void): Doorbell {
  return process.versions['bun'] ? hangOnBun(fd, ring) : hangOnNode(fd, ring);
}

/** The part of Bun's API that is used here. The package bun-types would declare all of Bun's globals. */
interface Bun {
  file(fd: number): { stream(): ReadableStream<Uint8Array> };
}

/** A file of Bun can be any descriptor, and Bun polls those that can be polled. */
function hangOnBun(fd: number, ring: (failure?: Error) => void): Doorbell {
  const { Bun } = globalThis as unknown as { Bun: Bun };
  const reader = Bun.file(fd).stream().getReader();
  const listen = async (): Promise<void> => {
    while (!(await reader.read()).done) ring();
  };
  listen().catch(ring);
  return {
    close() {
      reader.cancel().catch(() => {});
      // Bun reads from a duplicate of the descriptor.
      close(fd);
    },
  };
}

/**
 * A socket of Node must be of the Unix or Internet family when it is created, but polling starts only in the next turn of
 * the event loop. In between, dup3(2) puts the netlink socket in its place.
 */
function hangOnNode(fd: number, ring: (failure?: Error) => void): Doorbell {
  const { Socket } = process.getBuiltinModule('node:net');
  const placeholder = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const callback = () => {
    ring();
    return true;
  };
  const stream = new Socket({ fd: placeholder, writable: false, onread: { buffer: new Uint8Array(16), callback } });
  stream.on('error', ring);
  dup3(fd, placeholder, O_CLOEXEC);
  close(fd);
  return { close: () => void stream.destroy() };
}
