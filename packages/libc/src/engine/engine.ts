/** The C types that declarations use. */
export type CType = 'int' | 'unsigned int' | 'unsigned long' | 'size_t' | 'ssize_t' | 'off_t' | 'pointer';

/** Parameters and result of a C function. */
export interface Declaration {
  readonly takes: readonly CType[];
  readonly returns: 'int' | 'ssize_t';
}

/** Memory that a call reads or writes. Its address is determined for each call, because runtimes move small arrays. */
export type Pointer = Uint8Array | Int32Array | Uint32Array | null;

/** A C function. */
export type Native = (...values: (number | Pointer)[]) => number;

/** A runtime's mechanism to call libc. */
export interface Engine {
  /** Looks up a function. */
  link(name: string, declaration: Declaration): Native;
  /** The thread's errno, valid until the next call of any function. */
  errno(): number;
  /**
   * Address of an array, for a struct that contains a pointer to it. It is valid as long as only libc functions are
   * called.
   */
  addressOf(bytes: Uint8Array): bigint;
}
