import type { Memory } from './memory.ts';

/** The field that a byte of a message belongs to. */
export interface FoundField {
  /** Name of the field; `peer.mtu` for a nested one. */
  readonly path: string;
  /** Contents of the field, if it contains attributes. */
  readonly inside?: Inside | undefined;
}

/** Explains the bytes of a value that consists of attributes. */
export interface Inside {
  /** The field that the byte at `start + offset` belongs to; undefined if it belongs to none. */
  fieldAt(memory: Memory, start: number, end: number, offset: number): FoundField | undefined;
  /** Name of the attribute with this type. */
  fieldOf(id: number): string | undefined;
}

/** The field `path`, or the field of its value that contains the byte `absolute`. The value starts at `at`. */
export function foundIn(
  path: string,
  inside: Inside | undefined,
  memory: Memory,
  at: number,
  length: number,
  absolute: number,
): FoundField {
  const inner = absolute < at ? undefined : inside?.fieldAt(memory, at, at + length, absolute - at);
  return inner ? { ...inner, path: `${path}.${inner.path}` } : { path, inside };
}
