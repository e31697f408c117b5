import type { Memory } from './memory.ts';

/** Where a byte of an object belongs. */
export interface FoundField {
  /** The field's name; `peer.mtu` in nested attributes. */
  readonly path: string;
  /** What is in the field, where that is attributes. */
  readonly inside?: Inside | undefined;
}

/** What explains the bytes of a value that is made of attributes. */
export interface Inside {
  /** The field that byte `offset` from `start` belongs to. */
  fieldAt(memory: Memory, start: number, end: number, offset: number): FoundField | undefined;
  /** The name of the attribute `id`. */
  fieldOf(id: number): string | undefined;
}

/** The field `path`, or what the byte at `absolute` belongs to in its value, which stands at `at`. */
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
