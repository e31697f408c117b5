// Waiting without a thread. A read that waits would take one of the few threads that the runtime has for files and DNS, and
// the loop of neither runtime takes a netlink socket as it is. But both poll descriptors of other kinds, and the kernel,
// which does the polling, does not mind what is behind the number.
import { AF_UNIX, close, dup3, O_CLOEXEC, SOCK_CLOEXEC, SOCK_STREAM, socket } from '@spider/libc';

/** A socket of which only matters that something came. */
export interface Doorbell {
  close(): void;
}

/** Calls `ring` whenever something comes to a socket, which it reads and throws away; with an error when it no longer can. */
export function hangDoorbell(fd: number, ring: (failure?: Error) => void): Doorbell {
  return process.versions['bun'] ? hangOnBun(fd, ring) : hangOnNode(fd, ring);
}

/** What is used here of Bun. The package bun-types would declare all its globals. */
interface Bun {
  file(fd: number): { stream(): ReadableStream<Uint8Array> };
}

/** A file of Bun may be any descriptor; those that can be polled are. */
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
      // Bun reads from a duplicate.
      close(fd);
    },
  };
}

/** A socket of Node must be of the Unix or Internet family when it is made, and is polled when the loop next turns. */
function hangOnNode(fd: number, ring: (failure?: Error) => void): Doorbell {
  const { Socket } = process.getBuiltinModule('node:net');
  const seat = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const callback = () => {
    ring();
    return true;
  };
  const stream = new Socket({ fd: seat, writable: false, onread: { buffer: new Uint8Array(16), callback } });
  stream.on('error', ring);
  dup3(fd, seat, O_CLOEXEC);
  close(fd);
  return { close: () => void stream.destroy() };
}
