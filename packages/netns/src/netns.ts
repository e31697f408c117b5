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
 * An open network namespace: network_namespaces(7). The namespace exists at least until `close`, even if the path,
 * process or name that it was opened by disappears.
 */
export class NetNs implements Disposable {
  private descriptor: number | undefined;
  private readonly name: string;
  private identity: string | undefined;

  private constructor(fd: number, name: string) {
    this.descriptor = fd;
    this.name = `network namespace ${name}`;
  }

  /**
   * Opens the namespace at a path, such as `/run/netns/blue` or `/proc/4711/ns/net`.
   * @throws NetNsError `not-found`, `not-mounted`, `not-a-network-namespace`, `no-permission`
   */
  static open(path: string): NetNs {
    // Without O_NONBLOCK, opening a FIFO would block.
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
   * Opens the network namespace of a process. A process ID may have been reused by another process: if the namespace
   * cannot be the caller's own, check `isCurrent`.
   * @throws NetNsError `not-found`, `no-permission`
   * @throws TypeError `pid` is not a process ID
   */
  static openPid(pid: number): NetNs {
    if (!Number.isSafeInteger(pid) || pid < 1) throw new TypeError(`${pid} is no process ID: a whole number from 1`);
    return NetNs.open(`/proc/${pid}/ns/net`);
  }

  /**
   * Opens the namespace with this name, ip-netns(8).
   * @throws NetNsError `not-found`, `not-mounted`, `not-a-network-namespace`, `no-permission`
   * @throws TypeError the name cannot be that of a file
   */
  static openName(name: string): NetNs {
    return NetNs.open(fileOf(name));
  }

  /**
   * Opens the namespace of a file descriptor again. The descriptor still belongs to the caller.
   * @throws NetNsError `not-found`, `not-a-network-namespace`
   */
  static fromFd(fd: number): NetNs {
    return NetNs.open(`/proc/self/fd/${fd}`);
  }

  /** Opens the namespace of the calling thread. */
  static current(): NetNs {
    return new NetNs(openCurrent(), 'of the current thread');
  }

  /**
   * Creates a namespace without a name. It exists as long as something refers to it. Its loopback interface is down.
   * @throws NetNsError `no-permission`
   */
  static create(): NetNs {
    return new NetNs(openNew(), 'without a name');
  }

  /**
   * Creates a namespace with a name, as `ip netns add` does. Its loopback interface is down.
   * @throws NetNsError `exists`, `no-permission`
   * @throws TypeError the name cannot be that of a file
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
   * Removes a name, as `ip netns delete` does. The namespace is destroyed unless something else refers to it. The kernel
   * does that asynchronously, so the peer of a veth in the namespace may still exist for a moment.
   * @throws NetNsError `not-found`, `no-permission`
   * @throws TypeError the name cannot be that of a file
   */
  static deleteNamed(name: string): void {
    removeName(name);
  }

  /** The names that `ip netns list` shows, sorted. */
  static listNamed(): string[] {
    return listNames();
  }

  /**
   * File descriptor of the open namespace, for netlink attributes and setns(2). `close` closes it.
   * @throws NetNsError `closed`
   */
  get fd(): number {
    if (this.descriptor === undefined) throw new NetNsError(`${this} was closed`, 'closed');
    return this.descriptor;
  }

  /**
   * Identifies the namespace: `major:minor:inode` of its file. The value is unique as long as a handle is open.
   * @throws NetNsError `closed`, if the handle was closed before the first use
   */
  get id(): string {
    this.identity ??= statusOf(this.fd).id;
    return this.identity;
  }

  /** Whether both handles refer to the same namespace. Errors are as for `id`. */
  equals(other: NetNs): boolean {
    return this.id === other.id;
  }

  /** Whether the calling thread is in this namespace. Errors are as for `id`. */
  isCurrent(): boolean {
    return this.id === statusAt(currentPath).id;
  }

  /**
   * Runs `action` with the calling thread in this namespace, and returns its result. Whatever it opens (sockets, files
   * below /proc/sys/net) remains in the namespace, and a process that it starts runs there.
   *
   * Afterwards the thread is in its previous namespace again; if that is impossible, the process ends. Keep the action
   * short and start nothing asynchronous in it: a helper thread that the runtime starts meanwhile (Bun does so to compile
   * code or to collect garbage) stays in the namespace. `socket` and the sysctl methods cannot cause that.
   * @throws NetNsError the namespace cannot be entered: `no-permission`, `closed`
   * @throws TypeError `action` is asynchronous, so that its rest would run in another namespace
   */
  run<T>(action: () => T extends PromiseLike<unknown> ? never : T): T {
    if (Object.prototype.toString.call(action) === '[object AsyncFunction]') throw asynchronous(this);
    const result: T = visit(this, action);
    if (isPromiseLike(result)) {
      // The action is still running. Its failure must not be reported in addition to this error.
      result.then(undefined, () => {});
      throw asynchronous(this);
    }
    return result;
  }

  /**
   * Opens a socket in this namespace, close-on-exec, and returns its file descriptor: socket(2).
   * @throws LinuxError the socket cannot be opened
   * @throws NetNsError the namespace cannot be entered
   */
  socket(domain: number, type: number, protocol: number): number {
    return callInside(this, 'socket', native.socket, domain, type | SOCK_CLOEXEC, protocol);
  }

  /**
   * Opens a sysctl of this namespace for reading and writing: `net.ipv4.conf.eth0.rp_filter`, or as a path, if a name
   * contains a dot: `net/ipv4/conf/eth0.100/rp_filter`.
   * @throws NetNsError `not-found`: there is no such sysctl or interface; `no-permission`
   * @throws TypeError the key does not have this form
   */
  sysctl(key: string): Sysctl {
    return this.openSysctl(key, O_RDWR);
  }

  /** Reads a sysctl of this namespace, without the newline at its end. Key and errors are as for `sysctl`. */
  readSysctl(key: string): string {
    const setting = this.openSysctl(key, O_RDONLY);
    try {
      return setting.read();
    } finally {
      setting.close();
    }
  }

  /**
   * Writes a sysctl of this namespace. Key and errors are as for `sysctl`; in addition `refused` if the kernel rejects
   * the value.
   */
  writeSysctl(key: string, value: string | number): void {
    const setting = this.openSysctl(key, O_WRONLY);
    try {
      setting.write(value);
    } finally {
      setting.close();
    }
  }

  private openSysctl(key: string, access: number): Sysctl {
    const file = sysctlFile(key);
    const name = `sysctl ${key} of ${this}`;
    const fd = attempt(`open ${name}`, () => callInside(this, 'open', native.open, file, access | O_CLOEXEC, 0), {
      'not-found': 'there is no such setting, or no such interface',
    });
    return new Sysctl(fd, name);
  }

  /** Closes the handle. Closing it again has no effect. */
  close(): void {
    if (this.descriptor === undefined) return;
    close(this.descriptor);
    this.descriptor = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For messages: `network namespace /run/netns/blue`. */
  toString(): string {
    return this.name;
  }
}

/** @throws NetNsError the open file is not a network namespace */
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

/** Type of a namespace, by ioctl_ns(2); undefined if the file is not a namespace. */
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
