import type { Extent } from './extent.ts';
import type { Field } from './field.ts';
import type { Memory } from './memory.ts';
import type { Entries, ObjectReader } from './reader.ts';

/** Can be moved from object to object. */
export interface Movable {
  /** Moves to the object from `start` to `end`. */
  moveTo(memory: Memory, start: number, end: number): void;
}

/** The class of views of a kind of object. */
export type ViewClass = new (extent: Extent, toObject: ObjectReader) => Movable;

/** Makes the class of views of a kind of object. It has a getter for each field, which reads when it is called. */
export function viewClass(entries: Entries): ViewClass {
  class View implements Movable {
    // Private, so that a field named `start` or `end` cannot hide a property of the extent.
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

    /** `console.log` of Node and Bun shows this object. It would not show getters. */
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
