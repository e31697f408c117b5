import { dlopen, ptr, read } from 'bun:ffi';
import type { CType, Engine } from './engine.ts';

export type { Engine };

// i64_fast returns a number, where i64 returns a bigint.
const types: Record<CType, string> = {
  int: 'i32',
  'unsigned int': 'u32',
  'unsigned long': 'u64_fast',
  size_t: 'u64_fast',
  ssize_t: 'i64_fast',
  off_t: 'i64_fast',
  pointer: 'ptr',
};

let errnoLocation: number | undefined;

export const engine: Engine = {
  link(name, { takes, returns }) {
    // Found before a call can fail: the search for it would overwrite errno.
    errnoLocation ??= find('__errno_location', [], 'ptr')();
    const args: string[] = [];
    // Not by map: a process that does little else would wait for that half as long as for the function.
    for (const type of takes) args.push(types[type]);
    return find(name, args, types[returns]);
  },

  errno: () => read.i32(errnoLocation as number, 0),

  addressOf: bytes => BigInt(ptr(bytes)),
};

function find(name: string, args: string[], returns: string): (...values: unknown[]) => number {
  return dlopen('libc.so.6', { [name]: { args, returns } }).symbols[name] as (...values: unknown[]) => number;
}
