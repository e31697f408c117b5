import type { Fields, View } from './codec/schema.ts';
import type { Movable } from './codec/view.ts';
import { Writer } from './codec/writer.ts';
import { NLM_F_DUMP_FILTERED } from './protocol.ts';
import type { Reply } from './replies.ts';
import type { ListRequest } from './request.ts';

/**
 * Finds in a list what its filter wants. The objects are looked at where they stand, so that nothing is made of those
 * that are not wanted.
 */
export class Filter<F extends Fields> {
  readonly #view: View<F> & Movable;
  /** The filter as the kernel would tell it: the family 2 is `inet`. */
  readonly #wanted: object = {};
  /** What is to be compared, and of that what the kernel was not asked for. */
  readonly #names: readonly string[] = [];
  readonly #unasked: readonly string[] = [];

  /** @throws InvalidField where a value does not fit its field. */
  constructor({ message, filter, object }: ListRequest<F>) {
    this.#view = message.cursor() as unknown as View<F> & Movable;
    const names = Object.keys(filter).filter(name => filter[name] !== undefined);
    if (names.length === 0) return;
    const writer = new Writer();
    message.write(writer, filter);
    // What is read only beside another, such as the peer beside the address, is wanted as it was given.
    this.#wanted = { ...filter, ...message.read(writer.memory, 0, writer.length) };
    this.#names = names.filter(name => !message.fields[name]!.asked && !(name === 'family' && isAny(filter[name])));
    // What it was asked for in part stands in an object of its own, and is compared too.
    this.#unasked = this.#names.filter(name => object[name] !== filter[name]);
  }

  /** A view of the object that the kernel tells, valid until the next one, or undefined where it is not wanted. */
  find({ memory, payload, end, flags }: Reply): View<F> | undefined {
    this.#view.moveTo(memory, payload, end);
    for (const name of flags & NLM_F_DUMP_FILTERED ? this.#unasked : this.#names)
      if (!includes(this.#view, this.#wanted, name)) return undefined;
    return this.#view;
  }
}

/** AF_UNSPEC asks for all families. */
function isAny(family: unknown): boolean {
  return family === 0 || family === 'unspec';
}

/** True where an object has under this name all that the other has. */
function includes(object: object, wanted: object, name: string): boolean {
  const value: unknown = object[name as keyof typeof object];
  const other: unknown = wanted[name as keyof typeof wanted];
  if (typeof other !== 'object' || other === null) return value === other;
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(other).every(inner => includes(value, other, inner));
}
