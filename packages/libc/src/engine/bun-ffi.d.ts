// The part of Bun's module that is used here. The package bun-types would declare all of Bun's globals too.
declare module 'bun:ffi' {
  export interface Signature {
    readonly args: readonly string[];
    readonly returns: string;
  }
  export function dlopen<Name extends string>(
    library: string,
    functions: Record<Name, Signature>,
  ): { readonly symbols: Record<Name, (...values: unknown[]) => number> };
  export function ptr(bytes: Uint8Array): number;
  export const read: { i32(address: number, offset: number): number };
}
