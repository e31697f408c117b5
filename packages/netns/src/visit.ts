// The moments in which the thread stands in another namespace. A helper thread that the runtime starts meanwhile (to
// compile, to collect garbage) would be born there, keep that namespace alive and work in it. JavaScriptCore starts them
// where a function begins or ends, where a loop turns and where memory is taken: so from entering to coming back there
// is nothing but calls of libc, save for the action of `visit`, which is the caller's. (In CommonJS an imported name is
// read by a function, so constants are read here, at the top.)
import {
  _exit,
  CLONE_NEWNET,
  close,
  cString,
  errno,
  LinuxError,
  native,
  O_CLOEXEC,
  O_RDONLY,
  open,
  write,
} from '@spider/libc';
import { explain } from './error.ts';

const netns = CLONE_NEWNET;
const readOnly = O_RDONLY | O_CLOEXEC;

/** The namespace of the calling thread. /proc/self has that of the main thread. */
export const currentPath = '/proc/thread-self/ns/net';

/** Opens the namespace that the thread is in. */
export function openCurrent(): number {
  return open(currentPath, readOnly);
}

/** A namespace to enter: its open file, and its name for messages. */
export interface Destination {
  readonly fd: number;
  toString(): string;
}

/** Runs `action` in a namespace, and comes back whatever happens. Visits may be nested. */
export function visit<T>(destination: Destination, action: () => T): T {
  const { setns } = native;
  const { fd } = destination;
  const origin = openOrigin();
  try {
    if (setns(fd, netns) === -1) throw cannotEnter(destination);
    try {
      return action();
    } finally {
      if (setns(origin, netns) === -1) end();
    }
  } finally {
    close(origin);
  }
}

/** Makes one call of libc in a namespace. */
export function callInside<First>(
  destination: Destination,
  syscall: string,
  call: (first: First, second: number, third: number) => number,
  first: First,
  second: number,
  third: number,
): number {
  const { setns } = native;
  const { fd } = destination;
  const origin = openOrigin();
  try {
    if (setns(fd, netns) === -1) throw cannotEnter(destination);
    const result = call(first, second, third);
    const failure = result === -1 ? errno() : 0;
    if (setns(origin, netns) === -1) end();
    if (result === -1) throw new LinuxError(syscall, failure);
    return result;
  } finally {
    close(origin);
  }
}

/** Makes a namespace and opens it. */
export function openNew(): number {
  const { unshare, open, setns } = native;
  const path = cString(currentPath);
  const origin = openOrigin();
  try {
    if (unshare(netns) === -1) {
      const hints = { 'no-permission': 'that takes CAP_SYS_ADMIN' };
      throw explain('create a network namespace', new LinuxError('unshare', errno()), hints);
    }
    const fd = open(path, readOnly, 0);
    const failure = fd === -1 ? errno() : 0;
    if (setns(origin, netns) === -1) end();
    if (fd === -1) throw new LinuxError('open', failure);
    return fd;
  } finally {
    close(origin);
  }
}

/** Whether Node has its pool of threads. It starts them with the first asynchronous file operation, wherever the thread is then. */
let hasPool = Boolean(process.versions['bun']);

/** Opens the namespace to come back to. Whoever uses libc may have moved the thread since the last visit. */
function openOrigin(): number {
  if (!hasPool) process.getBuiltinModule('node:fs').access('/', () => {});
  hasPool = true;
  return openCurrent();
}

function cannotEnter(destination: Destination): Error {
  const cause = new LinuxError('setns', errno());
  const hints = { 'no-permission': 'that takes CAP_SYS_ADMIN in the user namespace that owns it, and in your own' };
  return explain(`enter ${destination}`, cause, hints);
}

/** The thread cannot come back: whatever it did next would be done in the wrong namespace. */
function end(): never {
  const reason = new LinuxError('setns', errno());
  const lastWords = `Cannot come back from a network namespace: ${reason.message}. The process ends, lest it work in the wrong one.\n`;
  const bytes = new TextEncoder().encode(lastWords);
  try {
    write(2, bytes, bytes.length);
  } finally {
    _exit(1);
  }
}
