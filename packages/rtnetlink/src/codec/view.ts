import type { Extent } from './extent.ts';
import type { Field } from './field.ts';
import type { Memory } from './memory.ts';
import type { Entries, ObjectReader } from './reader.ts';

/** What can be pointed at one object after another. */
export interface Movable {
  moveTo(memory: Memory, start: number, end: number): void;
}

/** Views of one kind of object. */
export type ViewClass = new (extent: Extent, toObject: ObjectReader) => Movable;

/** Makes the class of views of a kind of object: a getter for each field, that reads when it is asked. */
export function viewClass(entries: Entries): ViewClass {
  class View implements Movable {
    // Out of sight, so that a field named `start` or `end` cannot hide those of the extent.
    readonly #extent: Extent;
    readonly #toObject: ObjectReader;

    constructor(extent: Extent, toObject: ObjectReader) {
      this.#extent = extent;
      this.#toObject = toObject;
    }

    moveTo(memory: Memory, start: number, end: number): void {
      this.#extent.moveTo(memory, start, end);
    }

    toObject(): object {
      return this.#toObject(this.#extent);
    }

    /** What `console.log` of Node and Bun shows; of getters it would show nothing. */
    [Symbol.for('nodejs.util.inspect.custom')](): object {
      return this.toObject();
    }

    static read(view: View, field: Field<unknown>): unknown {
      return field.read(view.#extent);
    }
  }
  for (const [name, field] of entries)
    Object.defineProperty(View.prototype, name, {
      enumerable: true,
      get(this: View) {
        return View.read(this, field);
      },
    });
  return View;
}
