import type { Message } from './codec/message.ts';
import type { Fields, Input } from './codec/schema.ts';
import { Writer } from './codec/writer.ts';

/** Makes what tells whether an object is as the filter wants it, for lists that the kernel did not filter. */
export function matcher(message: Message<Fields>, filter: Input<Fields>): (object: object) => boolean {
  const names: string[] = [];
  for (const name in filter) if (filter[name] !== undefined && !message.fields[name]!.asked) names.push(name);
  if (names.length === 0) return () => true;
  const writer = new Writer();
  message.write(writer, filter);
  // The filter as the kernel would tell it: the family 2 is `inet`.
  const wanted = message.read(writer.memory, 0, writer.length);
  return object => names.every(name => includes(object, wanted, name));
}

/** True where an object has under this name all that the other has. */
function includes(object: object, wanted: object, name: string): boolean {
  const value: unknown = object[name as keyof typeof object];
  const other: unknown = wanted[name as keyof typeof wanted];
  if (typeof other !== 'object' || other === null) return value === other;
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(other).every(inner => includes(value, other, inner));
}
