// What is in sets and maps: NFTA_SET_ELEM_* of <linux/netfilter/nf_tables.h>, nft(8).
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
  /** The parts of a concatenation stand at multiples of 4 bytes. */
  key: attribute(1 | NLA_F_NESTED, data),
  /** What a map has for the key. */
  data: attribute(2 | NLA_F_NESTED, data),
  /** NFT_SET_ELEM_*: 1 the end of an interval, 2 whatever is not in the set. */
  flags: attribute(3, be32),
  /** The last key of an interval of a concatenation. */
  keyEnd: attribute(10 | NLA_F_NESTED, data),
}));

const setElementsMessage = message({
  kind: 'setElements',
  types: { add: messageType(12), get: messageType(13), delete: messageType(14) },
  headerSize,
  fields: () => ({
    ...headerFields(),
    table: attribute(1, string(nameSize)),
    /** The set's name; that of one without a name is `__set0` or `__map0`. */
    set: attribute(2, string(nameSize)),
    elements: attribute(3 | NLA_F_NESTED, list(NFTA_LIST_ELEM | NLA_F_NESTED, nest(element))),
  }),
});

/** Elements of a set, as the kernel tells them. */
export type SetElements = Output<typeof setElementsMessage.fields>;
/** Elements of a set, or the set to be listed: its `family`, `table` and `set`. */
export type SetElementsInput = Input<typeof setElementsMessage.fields>;

/** Requests about what is in sets and maps (nft(8), SETS). */
export const setElements: {
  /** What is in one set. Of a large one it comes in several parts. */
  list(set: SetElementsInput): Request<SetElements[]>;
} = tableVerbs(setElementsMessage);
