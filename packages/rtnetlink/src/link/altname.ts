// Alternative names of a link, up to 127 bytes each, by which it can be looked up: IFLA_PROP_LIST, `ip link property`.
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

/** One alternative name, to look up a link by. */
export const altNameField = asked(IFLA_ALT_IFNAME, name);

/** All alternative names of a link. */
export const altNamesField = attribute(IFLA_PROP_LIST | NLA_F_NESTED, list(IFLA_ALT_IFNAME, name));

/** Alternative names of a link, as RTM_NEWLINKPROP and RTM_DELLINKPROP take them. */
export const altNameMessage = message({
  kind: 'altName',
  types: { add: 108, delete: 109, get: 110 },
  headerSize: 16,
  fields: () => ({
    /** Address family; always 0. */
    family: header(0, u8),
    /** Index of the link. */
    index: header(4, s32),
    /** The names to add or remove. */
    altNames: altNamesField,
  }),
});

type AltNames = Input<typeof altNameMessage.fields>;
const plain = verbs(altNameMessage);

/**
 * Requests about alternative names of links (ip-link(8)). A name is unique in its namespace: `add` fails with EEXIST if
 * another link has it.
 */
export const altName: {
  /** Adds these names to the link `index`. */
  add(names: AltNames): Request<void>;
  /** Removes these names from the link `index`. */
  delete(names: AltNames): Request<void>;
} = { add: plain.add, delete: plain.delete };
