import { engine } from '#engine';
import { declarations } from './declarations.ts';
import type { CType, Pointer } from './engine/engine.ts';
import { EINTR } from './errno.ts';
import { LinuxError } from './error.ts';

type Declarations = typeof declarations;
type Name = keyof Declarations;
type Values<Types extends readonly CType[]> = {
  -readonly [I in keyof Types]: Types[I] extends 'pointer' ? Pointer : number;
};

/** Each function is searched for when it is first touched, because a search takes longer than a call. */
const search = new Proxy(
  {},
  {
    get(_, name: string, native: object) {
      if (!Object.hasOwn(declarations, name)) return undefined;
      const value = engine.link(name, declarations[name as Name]);
      Object.defineProperty(native, name, { value, enumerable: true });
      return value;
    },
  },
);

/**
 * The functions of libc themselves: they check nothing, and return -1 where they fail (then `errno` tells why). For code
 * between whose calls no JavaScript function may run; everything else is better off with the functions named like these.
 */
export const native = Object.create(search) as {
  readonly [N in Name]: (...values: Values<Declarations[N]['takes']>) => number;
};

/** Why the thread's last call failed: errno(3). To be asked right after a call that returned -1. */
export function errno(): number {
  return engine.errno();
}

/** Where an array is, for a struct that points to it. To be passed to a call at once: runtimes move small arrays. */
export function addressOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : engine.addressOf(bytes);
}

/** Passes on what a call returned, unless it failed. Nothing may come between the call and this: it reads errno. */
export function check(name: string, result: number): number {
  if (result === -1) throw new LinuxError(name, engine.errno());
  return result;
}

/** Tells, of a call that returned -1, whether a signal came first and it is to be made again. Throws other failures. */
export function interrupted(name: Name): boolean {
  const errno = engine.errno();
  if (errno === EINTR) return true;
  throw new LinuxError(name, errno);
}
