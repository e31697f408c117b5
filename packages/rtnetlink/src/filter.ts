import type { Message } from './codec/message.ts';
import type { Entry } from './codec/reader.ts';
import type { Fields } from './codec/schema.ts';
import { Writer } from './codec/writer.ts';
import { NLM_F_DUMP_FILTERED } from './protocol.ts';
import type { Reply } from './replies.ts';
import type { ListRequest } from './request.ts';

/** Finds in a list what its filter wants. Of an object that is not wanted, nothing is read but what is compared. */
export class Filter {
  readonly #message: Message<Fields>;
  /** The filter as the kernel would tell it: the family 2 is `inet`. */
  readonly #wanted: Readonly<Record<string, unknown>> = {};
  /** What is to be compared, and of that what the kernel was not asked for. */
  readonly #compared: Entry[] = [];
  readonly #unasked: Entry[] = [];

  /** @throws InvalidField where a value does not fit its field. */
  constructor({ message, filter, object }: ListRequest<Fields>) {
    this.#message = message;
    const names: string[] = [];
    for (const name of Object.keys(filter)) if (filter[name] !== undefined) names.push(name);
    if (names.length === 0) return;
    const writer = new Writer();
    message.write(writer, filter);
    // What is read only beside another, such as the peer beside the address, is wanted as it was given.
    const entries = message.entriesOf(names);
    this.#wanted = { ...filter, ...message.read(writer.memory, 0, writer.length, entries) };
    for (const entry of entries) {
      const [name, { asked }] = entry;
      if (asked || (name === 'family' && isAny(filter[name]))) continue;
      this.#compared.push(entry);
      // What it was asked for in part stands in an object of its own, and is compared too.
      if (object[name] !== filter[name]) this.#unasked.push(entry);
    }
  }

  /** True where the object that the kernel tells has all that is wanted. */
  wants({ memory, payload, end, flags }: Reply): boolean {
    const compared = flags & NLM_F_DUMP_FILTERED ? this.#unasked : this.#compared;
    if (compared.length === 0) return true;
    const found = this.#message.read(memory, payload, end, compared);
    for (const [name] of compared) if (!includes(found, this.#wanted, name)) return false;
    return true;
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
