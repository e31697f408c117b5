// Elements of sets and maps: NFTA_SET_ELEM_* of <linux/netfilter/nf_tables.h>, nft(8).
import type { Request } from '@spider/rtnetlink';
import {
  attribute,
  be32,
  type Input,
  list,
  message,
  NLA_F_NESTED,
  nest,
  type Output,
  schema,
  string,
} from '@spider/rtnetlink/codec';
import { data } from './expression.ts';
import { headerFields, headerSize } from './header.ts';
import { nameSize } from './table.ts';
import { messageType, tableVerbs } from './transaction.ts';

const NFTA_LIST_ELEM = 1;

const element = schema(0, () => ({
  /** The key. Each part of a concatenation starts at a multiple of 4 bytes. */
  key: attribute(1 | NLA_F_NESTED, data),
  /** The value of a map for the key. */
  data: attribute(2 | NLA_F_NESTED, data),
  /** NFT_SET_ELEM_*: 1 the end of an interval, 2 the catch-all element. */
  flags: attribute(3, be32),
  /** The last key of an interval in a concatenation. */
  keyEnd: attribute(10 | NLA_F_NESTED, data),
}));

const setElementsMessage = message({
  kind: 'setElements',
  types: { add: messageType(12), get: messageType(13), delete: messageType(14) },
  headerSize,
  fields: () => ({
    ...headerFields(),
    /** Name of its table. */
    table: attribute(1, string(nameSize)),
    /** Name of the set. An anonymous one has a name such as `__set0` or `__map0`. */
    set: attribute(2, string(nameSize)),
    /** The elements. */
    elements: attribute(3 | NLA_F_NESTED, list(NFTA_LIST_ELEM | NLA_F_NESTED, nest(element))),
  }),
});

/** Elements of a set, as the kernel reports them. */
export type SetElements = Output<typeof setElementsMessage.fields>;
/** The set to list: its `family`, `table` and `set`. */
export type SetElementsInput = Input<typeof setElementsMessage.fields>;

/** Requests about elements of sets and maps (nft(8), SETS). */
export const setElements: {
  /** Lists the elements of one set. A large set results in several objects, each with a part of the elements. */
  list(set: SetElementsInput): Request<SetElements[]>;
} = tableVerbs(setElementsMessage);
