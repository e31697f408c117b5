import { type Fields, type Input, type Schema, schema } from './schema.ts';

/** The three message types of a kind of object (rtnetlink(7)): RTM_NEW…, RTM_DEL…, RTM_GET…. */
export interface MessageTypes {
  readonly add: number;
  readonly delete: number;
  readonly get: number;
}

/** A kind of object that the kernel's routing sockets know. */
export interface Message<F extends Fields> extends Schema<F> {
  /** What it is called in errors: `route`. */
  readonly kind: string;
  readonly types: MessageTypes;
}

/** Defines a kind of object. `familyFrom` names fields whose address tells the family where `family` is not given. */
export function message<const F extends Fields>(definition: {
  kind: string;
  types: MessageTypes;
  headerSize: number;
  fields: F;
  familyFrom?: readonly (keyof F & string)[];
}): Message<F> {
  const { kind, types, headerSize, fields, familyFrom = [] } = definition;
  const base = schema(headerSize, fields);
  return {
    ...base,
    kind,
    types,
    write(writer, object) {
      const start = writer.length;
      base.write(writer, object);
      if (writer.memory.bytes[start] === 0) writer.memory.bytes[start] = familyOf(object, familyFrom);
    },
  };
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
