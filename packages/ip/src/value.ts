/** What all values of this package share: in JSON and in a console they are their canonical text. */
export abstract class Value {
  /** The canonical text. */
  abstract toString(): string;

  /** The canonical text, so that the value may stand in an object that becomes JSON. */
  toJSON(): string {
    return this.toString();
  }

  /** How `console.log` of Node and Bun shows the value. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
