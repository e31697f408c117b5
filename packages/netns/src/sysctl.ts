import { close, cString, pread, pwrite } from '@spider/libc';
import { attempt } from './error.ts';

/**
 * The file of a key below `net`, written in either way of sysctl(8): where the first separator is a dot, dots separate
 * and a slash stands for a dot in a name (`net.ipv4.conf.eth0/100.rp_filter`); where it is a slash, it is a path
 * (`net/ipv4/conf/eth0.100/rp_filter`).
 * @throws TypeError where the key is neither.
 */
export function sysctlFile(key: string): Uint8Array {
  const dot = key.indexOf('.');
  const isDotted = dot !== -1 && !key.slice(0, dot).includes('/');
  const undot = (name: string) => name.replaceAll('/', '.');
  const path = isDotted ? key.split('.').map(undot).join('/') : key;
  if (!/^net(\/(?!\.{0,2}(\/|$))[^/]+)+$/.test(path))
    throw new TypeError(
      `${JSON.stringify(key)} is no sysctl of a network namespace: such are net.ipv4.ip_forward, net/ipv4/conf/eth0.100/rp_filter`,
    );
  return cString(`/proc/sys/${path}`);
}

/** A kernel setting of one network namespace, open: sysctl(8). It stays that namespace's wherever the thread goes. */
export class Sysctl implements Disposable {
  readonly #fd: number;
  readonly #name: string;

  /** Takes an open file below /proc/sys, and its name for messages. */
  constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = name;
  }

  /**
   * Reads the value, without the newline at its end.
   * @throws NetNsError
   */
  read(): string {
    // The kernel tells a value once, and where the buffer is too short for it, stops at a whole word short of its end.
    for (let size = 256; ; size *= 16) {
      const buffer = new Uint8Array(size);
      const length = attempt(`read ${this.#name}`, () => pread(this.#fd, buffer, 0));
      if (length <= size / 2) return new TextDecoder().decode(buffer.subarray(0, length)).trimEnd();
    }
  }

  /**
   * Writes a value.
   * @throws NetNsError `refused` where the kernel does not take it.
   */
  write(value: string | number): void {
    // The newline makes something of an empty value, too.
    const bytes = new TextEncoder().encode(`${value}\n`);
    attempt(`write ${JSON.stringify(value)} to ${this.#name}`, () => {
      // Of a long list of ports the kernel takes a page at a time.
      let done = 0;
      let count: number;
      do {
        const rest = bytes.subarray(done);
        count = pwrite(this.#fd, rest, rest.length, done);
        done += count;
      } while (count > 0 && done < bytes.length);
    });
  }

  /** Closes the file. */
  close(): void {
    close(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
