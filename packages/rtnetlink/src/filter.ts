import type { Message } from './codec/message.ts';
import type { Fields, Input } from './codec/schema.ts';
import { Writer } from './codec/writer.ts';

/** Makes what tells whether an object is as the filter wants it, for lists that the kernel did not filter. */
export function matcher(message: Message<Fields>, filter: Input<Fields>): (object: object) => boolean {
  const writer = new Writer();
  message.write(writer, filter);
  // The filter as the kernel would tell it: the family 2 is `inet`.
  const told = message.read(writer.memory, 0, writer.length) as Record<string, unknown>;
  const wanted = Object.keys(filter).flatMap(name =>
    filter[name] === undefined || message.fields[name]!.asked ? [] : [[name, told[name]] as const],
  );
  return object => wanted.every(([name, value]) => includes((object as Record<string, unknown>)[name], value));
}

/** An object includes another when it has all that the other has. */
function includes(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(wanted).every(([name, inner]) => includes((value as Record<string, unknown>)[name], inner));
}
