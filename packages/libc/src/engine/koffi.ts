import { createRequire } from 'node:module';
import type { CType, Engine, Native } from './engine.ts';

export type { Engine };

type Koffi = typeof import('koffi');

const types: Record<CType, string> = {
  int: 'int',
  'unsigned int': 'unsigned int',
  'unsigned long': 'unsigned long',
  size_t: 'size_t',
  ssize_t: 'intptr_t',
  off_t: 'int64_t',
  pointer: 'void *',
};

// Loading koffi takes half as long as starting Node, so it is loaded for the first call.
let koffi: Koffi | undefined;
let libc: ReturnType<Koffi['load']> | undefined;

export const engine: Engine = {
  link(name, { takes, returns }) {
    libc ??= load().load(null);
    return libc.func(
      name,
      types[returns],
      takes.map(type => types[type]),
    ) as Native;
  },

  errno: () => (koffi as Koffi).errno(),

  addressOf: bytes => load().address(bytes),
};

function load(): Koffi {
  koffi ??= createRequire(import.meta.url)('koffi') as Koffi;
  return koffi;
}
