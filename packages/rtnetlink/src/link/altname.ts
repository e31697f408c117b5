// Further names of a link, up to 127 bytes each, under which it can be found: IFLA_PROP_LIST, `ip link property`.
// Linux 5.5 or newer.
import { asked, attribute, header, NLA_F_NESTED } from '../codec/field.ts';
import { list } from '../codec/list.ts';
import { message } from '../codec/message.ts';
import type { Input } from '../codec/schema.ts';
import { s32, string, u8 } from '../codec/type.ts';
import { type Request, verbs } from '../request.ts';

const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;

const name = string(128);

/** One of a link's further names, to look it up by. */
export const altNameField = asked(IFLA_ALT_IFNAME, name);

/** All of a link's further names. */
export const altNamesField = attribute(IFLA_PROP_LIST | NLA_F_NESTED, list(IFLA_ALT_IFNAME, name));

/** A link's further names, as RTM_NEWLINKPROP and RTM_DELLINKPROP take them. */
export const altNameMessage = message({
  kind: 'altName',
  types: { add: 108, delete: 109, get: 110 },
  headerSize: 16,
  fields: () => ({
    family: header(0, u8),
    /** The link. */
    index: header(4, s32),
    altNames: altNamesField,
  }),
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
