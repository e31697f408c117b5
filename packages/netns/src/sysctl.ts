import { close, cString, pread, pwrite } from '@spider/libc';
import { attempt } from './error.ts';

/**
 * The file of a key below `net`, written in either way of sysctl(8): where the first separator is a dot, dots separate
 * and a slash stands for a dot in a name (`net.ipv4.conf.eth0/100.rp_filter`); where it is a slash, it is a path
 * (`net/ipv4/conf/eth0.100/rp_filter`).
 * @throws TypeError where the key is neither.
 */
export function sysctlFile(key: string): Uint8Array {
  const dotted = /[./]/.exec(key)?.[0] === '.';
  const path = dotted ? key.replace(/[./]/g, separator => (separator === '.' ? '/' : '.')) : key;
  const [top, ...names] = path.split('/');
  if (top !== 'net' || names.length === 0 || names.some(name => ['', '.', '..'].includes(name)))
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
    // The kernel gives no more than the buffer holds, and gives it once.
    for (let size = 4096; ; size *= 16) {
      const buffer = new Uint8Array(size);
      const length = attempt(`read ${this.#name}`, () => pread(this.#fd, buffer, 0));
      if (length < size) return new TextDecoder().decode(buffer.subarray(0, length)).trimEnd();
    }
  }

  /**
   * Writes a value.
   * @throws NetNsError `refused` where the kernel does not take it.
   */
  write(value: string | number): void {
    const bytes = new TextEncoder().encode(String(value));
    attempt(`write ${JSON.stringify(value)} to ${this.#name}`, () => pwrite(this.#fd, bytes, bytes.length, 0));
  }

  /** Closes the file. */
  close(): void {
    close(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
