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

/** Each function is looked up on first access, because a look-up takes longer than a call. */
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
 * The functions of libc. They check nothing and return -1 on failure; `errno` then returns the reason. They are for code
 * that must not run any other JavaScript function between two calls. All other code should use the functions of the same
 * names.
 */
export const native = Object.create(search) as {
  readonly [N in Name]: (...values: Values<Declarations[N]['takes']>) => number;
};

/** Number of the error of the thread's last call: errno(3). Call it directly after a call that returned -1. */
export function errno(): number {
  return engine.errno();
}

/**
 * Address of an array, for a struct that contains a pointer to it. Pass it to a call at once, because runtimes move small
 * arrays.
 */
export function addressOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : engine.addressOf(bytes);
}

/**
 * Returns the result of a call, or throws if it is -1. Nothing may run between the call and this function, which reads
 * errno.
 * @throws LinuxError
 */
export function check(name: string, result: number): number {
  if (result === -1) throw new LinuxError(name, engine.errno());
  return result;
}

/**
 * For a call that returned -1: true if a signal interrupted it, so that it is to be repeated.
 * @throws LinuxError any other failure
 */
export function interrupted(name: Name): boolean {
  const errno = engine.errno();
  if (errno === EINTR) return true;
  throw new LinuxError(name, errno);
}
