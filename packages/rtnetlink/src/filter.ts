import type { Message } from './codec/message.ts';
import type { Entry } from './codec/reader.ts';
import type { Fields } from './codec/schema.ts';
import { Writer } from './codec/writer.ts';
import { NLM_F_DUMP_FILTERED } from './protocol.ts';
import type { Reply } from './replies.ts';
import type { ListRequest } from './request.ts';

/** Selects the objects of a list that match its filter. Of other objects it reads only the fields that it compares. */
export class Filter {
  private readonly message: Message<Fields>;
  /** The filter as the kernel would report it: the family 2 is `inet`. */
  private readonly wanted: Readonly<Record<string, unknown>> = {};
  /** The fields to compare; among them, those that the kernel does not filter by. */
  private readonly compared: Entry[] = [];
  private readonly unasked: Entry[] = [];

  /** @throws InvalidField a value does not fit its field. */
  constructor({ message, filter, object }: ListRequest<Fields>) {
    this.message = message;
    const names: string[] = [];
    for (const name of Object.keys(filter)) if (filter[name] !== undefined) names.push(name);
    if (names.length === 0) return;
    const writer = new Writer();
    message.write(writer, filter);
    // A field that is readable only together with another, such as the peer with the address, keeps its given value.
    const entries = message.entriesOf(names);
    this.wanted = { ...filter, ...message.read(writer.memory, 0, writer.length, entries) };
    for (const entry of entries) {
      const [name, { asked }] = entry;
      if (asked || (name === 'family' && isAny(filter[name]))) continue;
      this.compared.push(entry);
      // A field of which the kernel was sent only a part is a different object, so it is compared too.
      if (object[name] !== filter[name]) this.unasked.push(entry);
    }
  }

  /** Whether an object that the kernel reports matches the filter. */
  wants({ memory, payload, end, flags }: Reply): boolean {
    const compared = flags & NLM_F_DUMP_FILTERED ? this.unasked : this.compared;
    if (compared.length === 0) return true;
    const found = this.message.read(memory, payload, end, compared);
    for (const [name] of compared) if (!includes(found, this.wanted, name)) return false;
    return true;
  }
}

/** AF_UNSPEC selects all families. */
function isAny(family: unknown): boolean {
  return family === 0 || family === 'unspec';
}

/** Whether `object` has in this property all that `wanted` has in it. */
function includes(object: object, wanted: object, name: string): boolean {
  const value: unknown = object[name as keyof typeof object];
  const other: unknown = wanted[name as keyof typeof wanted];
  if (typeof other !== 'object' || other === null) return value === other;
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(other).every(inner => includes(value, other, inner));
}
