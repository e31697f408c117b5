import { walkAttributes } from './extent.ts';
import { quote } from './text.ts';
import type { Type } from './type.ts';

/** Values that each stand in an attribute of their own, all of the type `id`. */
export function list<T>(id: number, type: Type<T>): Type<readonly T[]> {
  return {
    read(memory, at, length) {
      const values: T[] = [];
      walkAttributes(memory, at, at + length, (found, start, size) => {
        if (found === id) values.push(type.read(memory, start, size));
      });
      return values;
    },
    write(writer, values) {
      if (!Array.isArray(values)) throw new RangeError(`${quote(values)} is not a list`);
      for (const value of values) writer.attribute(id, () => type.write(writer, value));
    },
  };
}
