/** Base of all values of this package: in JSON and in a console they appear as their canonical text. */
export abstract class Value {
  /** The canonical text. */
  abstract toString(): string;

  /** The canonical text, for JSON.stringify. */
  toJSON(): string {
    return this.toString();
  }

  /** Representation in `console.log` of Node and Bun. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
