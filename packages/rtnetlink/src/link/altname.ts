// Further names of a link, up to 127 bytes each, under which it can be found: IFLA_PROP_LIST, `ip link property`.
// Linux 5.5 or newer.
import { walkAttributes } from '../codec/extent.ts';
import { attribute, type Field, header } from '../codec/field.ts';
import { message } from '../codec/message.ts';
import type { Input } from '../codec/schema.ts';
import { s32, string, type Type, u8 } from '../codec/type.ts';
import { type Request, verbs } from '../request.ts';

const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;
const NLA_F_NESTED = 0x8000;

const name = string(128);

/** One of a link's further names, to look it up by. */
export const altNameField = attribute(IFLA_ALT_IFNAME, name);

const names: Type<readonly string[]> = {
  read(memory, at, length) {
    const list: string[] = [];
    walkAttributes(memory, at, at + length, (id, start, size) => {
      if (id === IFLA_ALT_IFNAME) list.push(name.read(memory, start, size));
    });
    return list;
  },
  write(writer, list) {
    for (const item of list) writer.attribute(IFLA_ALT_IFNAME, () => name.write(writer, item));
  },
};

/** All of a link's further names. Of this attribute the kernel wants to be told that it is nested. */
export const altNamesField: Field<readonly string[], false> = {
  ...attribute(IFLA_PROP_LIST, names),
  write: (writer, list) => writer.attribute(IFLA_PROP_LIST | NLA_F_NESTED, () => names.write(writer, list)),
};

const altNameMessage = message({
  kind: 'altName',
  types: { add: 108, delete: 109, get: 18 },
  headerSize: 16,
  fields: {
    family: header(0, u8),
    /** The link. */
    index: header(4, s32),
    altNames: altNamesField,
  },
});

type AltNames = Input<typeof altNameMessage.fields>;
const plain = verbs(altNameMessage);

/** Requests about the further names of links. A name is one link's alone: EEXIST where another bears it. */
export const altName: {
  /** Gives the link `index` these names. */
  add(names: AltNames): Request<void>;
  /** Takes these names from the link `index`. */
  delete(names: AltNames): Request<void>;
} = { add: plain.add, delete: plain.delete };
