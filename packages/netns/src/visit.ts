// The moments in which the thread stands in another namespace. They are short and synchronous, and make no garbage when
// all goes well: a helper thread that the runtime starts meanwhile (for garbage collection, compilation or asynchronous
// work) would be born in that namespace, keep it alive and work in it.
import { abort, CLONE_NEWNET, cString, O_CLOEXEC, O_RDONLY, open, setns, unshare, write } from '@spider/libc';
import { attempt } from './error.ts';

/** Not /proc/self, which is the main thread's. */
const ofThisThread = cString('/proc/thread-self/ns/net');

/** Opens the namespace that the thread is in. */
export function openCurrent(): number {
  return open(ofThisThread, O_RDONLY | O_CLOEXEC);
}

/** Where the thread is: at home, or in the namespace that it visits. */
let here: number | undefined;

/** Runs `action` in a namespace, and comes back whatever happens. Visits may be nested. */
export function visit<T>(fd: number, name: string, action: () => T): T {
  const origin = whereabouts();
  attempt(`enter ${name}`, () => setns(fd, CLONE_NEWNET), {
    'no-permission': 'that takes CAP_SYS_ADMIN in the user namespace that owns it, and in your own',
  });
  here = fd;
  try {
    return action();
  } finally {
    here = origin;
    comeBack(origin);
  }
}

/** Makes a namespace and opens it. */
export function openNew(): number {
  const origin = whereabouts();
  attempt('create a network namespace', () => unshare(CLONE_NEWNET), { 'no-permission': 'that takes CAP_SYS_ADMIN' });
  try {
    return openCurrent();
  } finally {
    comeBack(origin);
  }
}

/** Home is opened once, before the thread first leaves it. */
function whereabouts(): number {
  here ??= openHome();
  return here;
}

function openHome(): number {
  // Node starts its pool of threads with the first asynchronous file operation, wherever the thread is then.
  if (!process.versions['bun']) process.getBuiltinModule('node:fs').access('/', () => {});
  return openCurrent();
}

function comeBack(origin: number): void {
  try {
    setns(origin, CLONE_NEWNET);
  } catch (error) {
    const lastWords = new TextEncoder().encode(
      `cannot leave a network namespace that was only visited: ${(error as Error).message}\n` +
        'This process ends here: whatever it did next would be done in the wrong namespace.\n',
    );
    write(2, lastWords, lastWords.length);
    abort();
  }
}
