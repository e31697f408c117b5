import { type Fields, type Input, Schema } from './schema.ts';
import type { Writer } from './writer.ts';

/** The message types of a kind of object (rtnetlink(7)). */
export interface MessageTypes {
  /** RTM_NEW…, which creates or changes an object, and which reports one. */
  readonly add: number;
  /** RTM_DEL… */
  readonly delete: number;
  /** RTM_GET… */
  readonly get: number;
}

/** Definition of a kind of object. */
export interface Definition<F extends Fields, R extends Fields = Fields> {
  /** Name of the kind in errors: `route`. */
  readonly kind: string;
  /** Its message types. */
  readonly types: MessageTypes;
  /** Size in bytes of the header that its messages start with. */
  readonly headerSize: number;
  /** Its fields; called when they are first needed. */
  readonly fields: () => F;
  /** Fields that are not in `fields`. */
  readonly rest?: Schema<R>;
  /** Address family of its messages, if that distinguishes them from others with the same types. */
  readonly family?: number;
  /** Fields whose address determines the family if `family` is not given. */
  readonly familyFrom?: readonly (keyof (F & NoInfer<R>) & string)[];
}

/** A kind of object that the kernel has netlink messages for. */
export class Message<F extends Fields> extends Schema<F> {
  /** Name of the kind in errors: `route`. */
  readonly kind: string;
  /** Message types of the kind. */
  readonly types: MessageTypes;
  /** Address family of its messages, if that distinguishes them from others with the same types. */
  readonly family: number | undefined;
  private readonly familyFrom: readonly (keyof F & string)[];

  constructor({ kind, types, family, headerSize, fields, rest, familyFrom = [] }: Definition<Fields>) {
    super(headerSize, fields, rest);
    this.kind = kind;
    this.types = types;
    this.family = family;
    this.familyFrom = familyFrom;
  }

  override write(writer: Writer, object: Input<F>): void {
    const start = writer.length;
    super.write(writer, object);
    const { bytes } = writer.memory;
    if (bytes[start] === AF_UNSPEC) {
      if (this.family !== undefined) bytes[start] = this.family;
      else if (this.familyFrom.length > 0) bytes[start] = familyOf(object, this.familyFrom);
    }
  }
}

/** Defines a kind of object. */
export function message<const F extends Fields, R extends Fields = Record<never, never>>(
  definition: Definition<F, R>,
): Message<F & R> {
  return new Message(definition as unknown as Definition<Fields>);
}

const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;

function familyOf<F extends Fields>(object: Input<F>, names: readonly (keyof F & string)[]): number {
  for (const name of names) {
    const text = object[name];
    if (typeof text === 'string') return text.includes(':') ? AF_INET6 : AF_INET;
  }
  return AF_UNSPEC;
}
