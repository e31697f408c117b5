import { close, cString, pread, pwrite } from '@spider/libc';
import { attempt, NetNsError } from './error.ts';

/**
 * The file of a sysctl below `net`. The key has one of the two forms of sysctl(8). If its first separator is a dot, dots
 * separate and a slash represents a dot in a name: `net.ipv4.conf.eth0/100.rp_filter`. If the first separator is a slash,
 * the key is a path: `net/ipv4/conf/eth0.100/rp_filter`.
 * @throws TypeError the key has neither form
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

/**
 * An open sysctl of one network namespace: sysctl(8). It belongs to that namespace even if the thread enters another one.
 */
export class Sysctl implements Disposable {
  private descriptor: number | undefined;
  private readonly name: string;

  /** Takes an open file below /proc/sys, which it closes in `close`, and its name for error messages. */
  constructor(fd: number, name: string) {
    this.descriptor = fd;
    this.name = name;
  }

  private get fd(): number {
    if (this.descriptor === undefined) throw new NetNsError(`${this.name} was closed`, 'closed');
    return this.descriptor;
  }

  /**
   * Reads the value, without the newline at its end.
   * @throws NetNsError the kernel refuses; `closed`
   */
  read(): string {
    // The value must be read by one call. If the buffer is too short, the kernel stops after a whole word before its end.
    for (let size = 256; ; size *= 16) {
      const buffer = new Uint8Array(size);
      const length = attempt(`read ${this.name}`, () => pread(this.fd, buffer, 0));
      if (length <= size / 2) return new TextDecoder().decode(buffer.subarray(0, length)).trimEnd();
    }
  }

  /**
   * Writes a value.
   * @throws NetNsError `refused`: the kernel does not accept the value; `closed`
   */
  write(value: string | number): void {
    // With the newline, an empty value is written too.
    const bytes = new TextEncoder().encode(`${value}\n`);
    attempt(`write ${JSON.stringify(value)} to ${this.name}`, () => {
      // The kernel accepts a long list of ports page by page.
      let done = 0;
      let count: number;
      do {
        const rest = bytes.subarray(done);
        count = pwrite(this.fd, rest, rest.length, done);
        done += count;
      } while (count > 0 && done < bytes.length);
    });
  }

  /** Closes the file. Closing it again has no effect. */
  close(): void {
    if (this.descriptor === undefined) return;
    close(this.descriptor);
    this.descriptor = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
