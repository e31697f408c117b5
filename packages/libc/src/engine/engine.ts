/** The C types of the declarations. */
export type CType = 'int' | 'unsigned int' | 'unsigned long' | 'size_t' | 'ssize_t' | 'off_t' | 'pointer';

/** What a C function takes and returns. */
export interface Declaration {
  readonly takes: readonly CType[];
  readonly returns: 'int' | 'ssize_t';
}

/** Memory that a call reads or writes. Its address is taken anew for each call, because runtimes move small arrays. */
export type Pointer = Uint8Array | Int32Array | Uint32Array | null;

/** A C function. */
export type Native = (...values: (number | Pointer)[]) => number;

/** One runtime's way to call libc. */
export interface Engine {
  /** Finds a function. */
  link(name: string, declaration: Declaration): Native;
  /** The thread's errno: true only until the next call of anything. */
  errno(): number;
  /** Where an array is, for a struct that points to it: true as long as nothing but calls of libc happens. */
  addressOf(bytes: Uint8Array): bigint;
}
