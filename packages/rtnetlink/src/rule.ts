// Rules of the routing policy: struct fib_rule_hdr and FRA_* of <linux/fib_rules.h>, ip-rule(8).
import { attribute, bit, type Field, header, prefix, widened, withDefault } from './codec/field.ts';
import { InvalidField } from './codec/invalid-field.ts';
import { message } from './codec/message.ts';
import type { Input, Output } from './codec/schema.ts';
import { be32, be64, named, range, s32, string, u8, u16, u32 } from './codec/type.ts';
import { family, protocol } from './names.ts';
import { verbs } from './request.ts';

const action = named(u8, { unspec: 0, table: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 });

/** What a found route must not have. The kernel tells -1 where it may have anything. */
function suppressed(id: number): Field<number, false> {
  const field = attribute(id, s32);
  return {
    ...field,
    read(extent) {
      const value = field.read(extent);
      return value === -1 ? undefined : value;
    },
  };
}

/** struct fib_rule_hdr and its attributes. */
export const ruleMessage = message({
  kind: 'rule',
  types: { add: 32, delete: 33, get: 34 },
  headerSize: 12,
  familyFrom: ['src', 'dst'],
  fields: () => ({
    family: header(0, family),
    dst: prefix(1, 1, 'absent'),
    src: prefix(2, 2, 'absent'),
    tos: header(3, u8),
    /** The table to look up. */
    table: widened(15, 4),
    /** What the rule does; `table` looks one up. */
    action: header(7, action),
    /** The rule matches what its selectors do not (FIB_RULE_INVERT). */
    invert: bit(8, 0x2),
    /**
     * All of FIB_RULE_*: 1 permanent, 2 inverted, 4 where the `goto` leads there is no rule, 8 and 16 there is no interface
     * of the name `iif` or `oif`.
     */
    flags: header(8, u32),
    iif: attribute(3, string(16)),
    /** The priority of the rule to go on with. */
    goto: attribute(4, u32),
    /** Lower is looked at first. Where unset, the kernel takes one less than the lowest there is. */
    priority: withDefault(attribute(6, u32), 0),
    mark: attribute(10, u32),
    flow: attribute(11, u32),
    tunId: attribute(12, be64),
    /** A route found counts as none where its interface is in this group, or its prefix is no longer than this. */
    suppressIfgroup: suppressed(13),
    suppressPrefixLength: suppressed(14),
    mask: attribute(16, u32),
    oif: attribute(17, string(16)),
    l3mdev: attribute(19, u8),
    uidRange: attribute(20, range(u32)),
    /** Who installed the rule. */
    protocol: attribute(21, protocol),
    ipProto: attribute(22, u8),
    sport: attribute(23, range(u16)),
    dport: attribute(24, range(u16)),
    dscp: attribute(25, u8),
    flowLabel: attribute(26, be32),
    flowLabelMask: attribute(27, be32),
    sportMask: attribute(28, u16),
    dportMask: attribute(29, u16),
    dscpMask: attribute(30, u8),
  }),
});

/** A rule, as the kernel tells it. */
export type Rule = Output<typeof ruleMessage.fields>;
/** A rule to be asked of the kernel. */
export type RuleInput = Input<typeof ruleMessage.fields>;

// The kernel lists by family alone, and refuses other questions.
const plain = verbs(ruleMessage, ({ family }) => ({ family }));

/** The kernel deletes the first rule that has all that is given: where nothing is, the one that looks up `local`. */
function withSelector(input: RuleInput): RuleInput {
  if (Object.entries(input).some(([name, value]) => name !== 'family' && value !== undefined)) return input;
  throw new InvalidField(
    'priority',
    'this or another field must tell which rule; the kernel takes the first',
    'rule.delete',
  );
}

/**
 * Requests about rules (ip-rule(8)). `add` fails with EEXIST where the kernel takes one that is there for the same, whatever
 * that one inverts and whatever selectors it has that are not given; `append` creates one more, behind those with its priority.
 * `delete` takes the first rule that has all that is given, and throws InvalidField where that is a family alone.
 */
export const rule: Pick<typeof plain, 'add' | 'append' | 'delete' | 'list'> = {
  add: input => plain.add({ action: 'table', ...input }),
  append: input => plain.append({ action: 'table', ...input }),
  delete: input => plain.delete(withSelector(input)),
  list: plain.list,
};
