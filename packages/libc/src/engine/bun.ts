import { dlopen, ptr, read } from 'bun:ffi';
import type { CType, Declaration, Engine, Native } from './engine.ts';

export type { Engine };

// i64_fast returns a number, i64 a bigint.
const types: Record<CType, string> = {
  int: 'i32',
  'unsigned int': 'u32',
  'unsigned long': 'u64_fast',
  size_t: 'u64_fast',
  ssize_t: 'i64_fast',
  off_t: 'i64_fast',
  pointer: 'ptr',
};

/** Declaration of the function that returns the address of the thread's errno. */
const location = { takes: [], returns: 'pointer' } as const;
let errnoLocation: number | undefined;

export const engine: Engine = {
  link(name, declaration) {
    // Looked up before a call can fail, because the look-up would overwrite errno.
    errnoLocation ??= find('__errno_location', location)();
    return find(name, declaration);
  },

  errno: () => read.i32(errnoLocation as number, 0),

  addressOf: bytes => BigInt(ptr(bytes)),
};

function find(name: string, { takes, returns }: Declaration | typeof location): Native {
  const args: string[] = [];
  // A loop, because the first call of `map` takes half as long as the look-up of the function.
  for (const type of takes) args.push(types[type]);
  return dlopen('libc.so.6', { [name]: { args, returns: types[returns] } }).symbols[name]!;
}
