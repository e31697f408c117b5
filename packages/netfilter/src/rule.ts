// Rules: NFTA_RULE_* of <linux/netfilter/nf_tables.h>, nft(8).
import type { Request } from '@spider/rtnetlink';
import {
  attribute,
  be64,
  binary,
  type Input,
  list,
  message,
  NLA_F_NESTED,
  type Output,
  string,
} from '@spider/rtnetlink/codec';
import { expression } from './expression.ts';
import { headerFields, headerSize } from './header.ts';
import { nameSize } from './table.ts';
import { messageType, tableVerbs } from './transaction.ts';

const NFTA_LIST_ELEM = 1;

/** A rule of nf_tables. */
const ruleMessage = message({
  kind: 'rule',
  types: { add: messageType(6), get: messageType(7), delete: messageType(8) },
  headerSize,
  fields: () => ({
    ...headerFields(),
    /** Name of its table. */
    table: attribute(1, string(nameSize)),
    /** Name of its chain. */
    chain: attribute(2, string(nameSize)),
    /** Number of the rule, assigned by the kernel; `delete` identifies the rule by it. */
    handle: attribute(3, be64),
    /** The expressions, in the order in which they are evaluated. */
    expressions: attribute(4 | NLA_F_NESTED, list(NFTA_LIST_ELEM | NLA_F_NESTED, expression)),
    /** Handle of the rule before this one. */
    position: attribute(6, be64),
    /** Data of nft(8), such as a comment. */
    userData: attribute(7, binary),
  }),
});

/** A rule, as the kernel reports it. */
export type Rule = Output<typeof ruleMessage.fields>;
/** A rule, as a request describes it. */
export type RuleInput = Input<typeof ruleMessage.fields>;

const plain = tableVerbs(ruleMessage);

/** Requests about rules (nft(8), RULES). */
export const rule: Pick<typeof plain, 'append' | 'delete' | 'list'> & {
  /** Inserts the rule before the first rule of its chain. */
  insert(rule: RuleInput): Request<void>;
} = {
  /** Appends the rule after the last rule of its chain. */
  append: plain.append,
  insert: plain.add,
  delete: plain.delete,
  list: plain.list,
};
