import {
  CLONE_NEWNET,
  close,
  ioctl,
  NS_GET_NSTYPE,
  native,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  open,
  SOCK_CLOEXEC,
} from '@spider/libc';
import { attempt, NetNsError } from './error.ts';
import { addName, fileOf, listNames, removeName } from './named.ts';
import { statusAt, statusOf } from './status.ts';
import { Sysctl, sysctlFile } from './sysctl.ts';
import { callInside, currentPath, openCurrent, openNew, visit } from './visit.ts';

/**
 * An open network namespace: network_namespaces(7). It exists at least until `close`, whatever becomes of the path,
 * process or name that it was opened by.
 */
export class NetNs implements Disposable {
  #fd: number | undefined;
  readonly #name: string;
  #id: string | undefined;

  private constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = `network namespace ${name}`;
  }

  /**
   * Opens the namespace at a path, such as `/run/netns/blue` or `/proc/4711/ns/net`.
   * @throws NetNsError `not-found`, `not-mounted`, `not-a-network-namespace`, `no-permission`
   */
  static open(path: string): NetNs {
    // Without O_NONBLOCK a path that is a FIFO would be waited on.
    const hints = path.includes('/') ? {} : { 'not-found': 'a name is opened by openName' };
    const fd = attempt(`open network namespace ${path}`, () => open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), hints);
    try {
      checkKind(fd, path);
    } catch (error) {
      close(fd);
      throw error;
    }
    return new NetNs(fd, path);
  }

  /**
   * Opens the namespace of a process. A process ID that was recycled meanwhile can be of any process: where the
   * namespace cannot be the caller's own, check `isCurrent`.
   * @throws NetNsError `not-found`, `no-permission`
   */
  static openPid(pid: number): NetNs {
    if (!Number.isSafeInteger(pid) || pid < 1) throw new TypeError(`${pid} is no process ID: a whole number from 1`);
    return NetNs.open(`/proc/${pid}/ns/net`);
  }

  /**
   * Opens the namespace that has this name in ip-netns(8).
   * @throws NetNsError `not-found`, `not-mounted`
   */
  static openName(name: string): NetNs {
    return NetNs.open(fileOf(name));
  }

  /**
   * Opens the namespace of a descriptor anew; the descriptor remains the caller's.
   * @throws NetNsError `not-found`, `not-a-network-namespace`
   */
  static fromFd(fd: number): NetNs {
    return NetNs.open(`/proc/self/fd/${fd}`);
  }

  /** Opens the namespace that the calling thread is in. */
  static current(): NetNs {
    return new NetNs(openCurrent(), 'of the current thread');
  }

  /**
   * Makes a namespace without a name, which lives as long as something holds it. Its loopback interface is down.
   * @throws NetNsError `no-permission`
   */
  static create(): NetNs {
    return new NetNs(openNew(), 'without a name');
  }

  /**
   * Makes a namespace with a name, as `ip netns add` does. Its loopback interface is down.
   * @throws NetNsError `exists`, `no-permission`
   */
  static createNamed(name: string): NetNs {
    const created = NetNs.create();
    try {
      addName(name, created.fd);
      return NetNs.openName(name);
    } finally {
      created.close();
    }
  }

  /**
   * Takes a name away, as `ip netns delete` does. The namespace goes with it unless something else holds it; the kernel
   * takes it apart a little later, so the other end of a veth that is in it may still be there for a moment.
   * @throws NetNsError `not-found`, `no-permission`
   */
  static deleteNamed(name: string): void {
    removeName(name);
  }

  /** The names that `ip netns list` lists, in alphabetical order. */
  static listNamed(): string[] {
    return listNames();
  }

  /**
   * The open file, for netlink attributes and setns(2). It is closed with the handle.
   * @throws NetNsError `closed`
   */
  get fd(): number {
    if (this.#fd === undefined) throw new NetNsError(`${this} was closed`, 'closed');
    return this.#fd;
  }

  /** Which namespace it is: `major:minor:inode`, unique as long as a handle is open. */
  get id(): string {
    this.#id ??= statusOf(this.fd).id;
    return this.#id;
  }

  /** True where both handles are of the same namespace. */
  equals(other: NetNs): boolean {
    return this.id === other.id;
  }

  /** True where the calling thread is in this namespace. */
  isCurrent(): boolean {
    return this.id === statusAt(currentPath).id;
  }

  /**
   * Runs `action` with the calling thread in this namespace, and returns what it returns. What it opens meanwhile
   * (sockets, files below /proc/sys/net) stays in the namespace for good, and a process that it starts runs there.
   *
   * Afterwards the thread is back where it was, or the process ends. Keep it short and start nothing asynchronous in it:
   * a helper thread that the runtime happens to start meanwhile (Bun does, to compile or to collect garbage) stays in the
   * namespace. `socket` and the sysctl methods cannot leave one behind.
   * @throws NetNsError where the namespace cannot be entered: `no-permission`
   * @throws TypeError where `action` is asynchronous, because the rest of it would run elsewhere
   */
  run<T>(action: () => T extends PromiseLike<unknown> ? never : T): T {
    if (Object.prototype.toString.call(action) === '[object AsyncFunction]') throw asynchronous(this);
    const result: T = visit(this, action);
    if (isPromiseLike(result)) {
      // It has begun and goes on; that it was refused is told once.
      result.then(undefined, () => {});
      throw asynchronous(this);
    }
    return result;
  }

  /**
   * Opens a socket in this namespace, closed on exec, and returns its descriptor: socket(2).
   * @throws LinuxError
   * @throws NetNsError where the namespace cannot be entered
   */
  socket(domain: number, type: number, protocol: number): number {
    return callInside(this, 'socket', native.socket, domain, type | SOCK_CLOEXEC, protocol);
  }

  /**
   * Opens a kernel setting of this namespace to read and write: `net.ipv4.conf.eth0.rp_filter`, or as a path where a name
   * has a dot in it: `net/ipv4/conf/eth0.100/rp_filter`.
   * @throws NetNsError `not-found` where there is no such setting or interface, `no-permission`
   * @throws TypeError where the key is not of this form
   */
  sysctl(key: string): Sysctl {
    return this.#openSysctl(key, O_RDWR);
  }

  /** Reads a kernel setting of this namespace, without the newline at its end. Keys and errors are those of `sysctl`. */
  readSysctl(key: string): string {
    const setting = this.#openSysctl(key, O_RDONLY);
    try {
      return setting.read();
    } finally {
      setting.close();
    }
  }

  /** Writes a kernel setting of this namespace. Keys and errors are those of `sysctl`. */
  writeSysctl(key: string, value: string | number): void {
    const setting = this.#openSysctl(key, O_WRONLY);
    try {
      setting.write(value);
    } finally {
      setting.close();
    }
  }

  #openSysctl(key: string, access: number): Sysctl {
    const file = sysctlFile(key);
    const name = `sysctl ${key} of ${this}`;
    const fd = attempt(`open ${name}`, () => callInside(this, 'open', native.open, file, access | O_CLOEXEC, 0), {
      'not-found': 'there is no such setting, or no such interface',
    });
    return new Sysctl(fd, name);
  }

  /** Closes the handle; more than once does no harm. */
  close(): void {
    if (this.#fd === undefined) return;
    close(this.#fd);
    this.#fd = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** `network namespace /run/netns/blue` */
  toString(): string {
    return this.#name;
  }
}

/** @throws NetNsError where the open file is not a network namespace */
function checkKind(fd: number, path: string): void {
  const kind = kindOf(fd);
  if (kind === CLONE_NEWNET) return;
  if (kind === undefined && statusOf(fd).isEmptyFile)
    throw new NetNsError(
      `${path} is an empty file, on which no namespace is mounted: ` +
        'it was unmounted, or mounted where this process does not see it (mount propagation)',
      'not-mounted',
    );
  const what = kind === undefined ? 'no namespace' : 'a namespace of another kind';
  throw new NetNsError(`${path} is ${what}, where a network namespace is needed`, 'not-a-network-namespace');
}

/** What kind of namespace a file is, by ioctl_ns(2); undefined where it is none. */
function kindOf(fd: number): number | undefined {
  try {
    return ioctl(fd, NS_GET_NSTYPE);
  } catch {
    return undefined;
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function asynchronous(namespace: NetNs): TypeError {
  return new TypeError(`${namespace}: run takes a synchronous function; await before or after it`);
}
