import { dlopen, ptr, read, type Signature } from 'bun:ffi';
import { families } from '../declarations.ts';
import type { CType, Engine, Native } from './engine.ts';

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
const functions: Record<string, Native> = {};

export const engine: Engine = {
  link(name) {
    // Found before a call can fail: the search for it would overwrite errno.
    errnoLocation ??= find({ __errno_location: { takes: [], returns: 'pointer' } })['__errno_location']!();
    // Finding all that are used together takes as long as finding four of them one by one.
    if (!functions[name]) Object.assign(functions, find(familyOf(name)));
    return functions[name]!;
  },

  errno: () => read.i32(errnoLocation as number, 0),

  addressOf: bytes => BigInt(ptr(bytes)),
};

type Functions = Readonly<Record<string, { readonly takes: readonly CType[]; readonly returns: CType }>>;

/** The functions that this one is used with. */
function familyOf(name: string): Functions {
  for (const family of families) if (Object.hasOwn(family, name)) return family;
  throw new TypeError(`${name}: no such function`);
}

function find(wanted: Functions): Record<string, Native> {
  const signatures: Record<string, Signature> = {};
  for (const [name, { takes, returns }] of Object.entries(wanted)) {
    const args: string[] = [];
    // Not by map: a process that does little else would wait for that half as long as for the function.
    for (const type of takes) args.push(types[type]);
    signatures[name] = { args, returns: types[returns] };
  }
  return dlopen('libc.so.6', signatures).symbols;
}
