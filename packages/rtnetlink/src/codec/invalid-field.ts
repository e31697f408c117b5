/** A value does not fit its field: `link.add info.data.peer.mtu: "x" is not an integer from 0 to 4294967295`. */
export class InvalidField extends RangeError {
  override readonly name = 'InvalidField';
  /** Path of the field in the object: `info.data.peer.mtu`. */
  readonly path: string;
  /** What is wrong with the value. */
  readonly reason: string;
  /** The request, if known: `link.add`. */
  readonly operation: string | undefined;

  constructor(path: string, reason: string, operation?: string) {
    super(`${operation === undefined ? '' : `${operation} `}${path}: ${reason}`);
    this.path = path;
    this.reason = reason;
    this.operation = operation;
  }
}

/** Adds the name of the enclosing field to an error about a refused value. */
export function errorIn(name: string, error: unknown): unknown {
  if (error instanceof InvalidField) return new InvalidField(`${name}.${error.path}`, error.reason);
  return error instanceof RangeError ? new InvalidField(name, error.message) : error;
}
