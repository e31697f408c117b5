// Code that runs while the thread is in another namespace. If the runtime starts a helper thread at that time (to compile
// or to collect garbage), that thread stays in the namespace and keeps it alive. JavaScriptCore may start one when a
// function begins or ends, when a loop repeats and when memory is allocated. Therefore only libc calls are made between
// entering and leaving, except for the caller's action in `visit`. (In CommonJS, reading an imported name calls a function,
// so constants are read at the top of this file.)
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

/** The network namespace of the calling thread. /proc/self would be that of the main thread. */
export const currentPath = '/proc/thread-self/ns/net';

/** Opens the network namespace of the calling thread. */
export function openCurrent(): number {
  return open(currentPath, readOnly);
}

/** A namespace to enter: its open file, and its name for error messages. */
export interface Destination {
  readonly fd: number;
  toString(): string;
}

/** Runs `action` in a namespace, and returns to the previous one in any case. Calls may be nested. */
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

/** Makes one libc call in a namespace. */
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

/** Creates a namespace and opens it. */
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

/**
 * Whether Node has started its thread pool. It does so for the first asynchronous file operation, in the namespace that the
 * thread is in at that time.
 */
let hasPool = Boolean(process.versions['bun']);

/**
 * Opens the namespace to return to. It is opened for every visit, because code that uses libc may have moved the thread.
 */
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

/**
 * The thread cannot return to its namespace. The process ends, because everything it did next would happen in the wrong
 * one.
 */
function end(): never {
  const reason = new LinuxError('setns', errno());
  const message = `Cannot come back from a network namespace: ${reason.message}. The process ends, lest it work in the wrong one.\n`;
  const bytes = new TextEncoder().encode(message);
  try {
    write(2, bytes, bytes.length);
  } finally {
    _exit(1);
  }
}
