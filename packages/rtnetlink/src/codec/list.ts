import { writeEach } from './each.ts';
import { walkAttributes } from './extent.ts';
import { NLA_F_NESTED } from './field.ts';
import { type FoundField, foundIn, type Inside } from './inside.ts';
import type { Memory } from './memory.ts';
import type { Type } from './type.ts';
import type { Writer } from './writer.ts';

/** A list: each value has an attribute of its own, all of type `written`, which may include NLA_F_NESTED. */
export function list<T>(written: number, type: Type<T>): Type<readonly T[]> {
  const id = written & ~NLA_F_NESTED;
  return listOf(
    type,
    () => written,
    found => found === id,
  );
}

/** A list: each value has an attribute of its own, whose type is its index, from 0. */
export function indexed<T>(type: Type<T>): Type<readonly T[]> {
  return listOf(
    type,
    index => index,
    () => true,
  );
}

function listOf<T>(
  type: Type<T>,
  idOf: (index: number) => number,
  isMember: (id: number) => boolean,
): Type<readonly T[]> {
  const inside: Inside = {
    fieldOf: () => undefined,
    fieldAt(memory, start, end, offset) {
      let found: FoundField | undefined;
      let index = 0;
      const absolute = start + offset;
      walkAttributes(memory, start, end, (id, at, length) => {
        if (!isMember(id)) return;
        if (absolute >= at - 4 && absolute < at + Math.max(length, 1))
          found = foundIn(String(index), type.schemaAt?.(memory, at, length), memory, at, length, absolute);
        index++;
      });
      return found;
    },
  };
  return {
    schemaAt: () => inside,
    read(memory: Memory, at: number, length: number): readonly T[] {
      const values: T[] = [];
      walkAttributes(memory, at, at + length, (id, start, size) => {
        if (isMember(id)) values.push(type.read(memory, start, size));
      });
      return values;
    },
    write(writer: Writer, values: readonly T[]): void {
      writeEach(values, (value, index) => writer.attribute(idOf(index), type, value));
    },
  };
}
