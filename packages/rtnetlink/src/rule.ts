// Routing policy rules: struct fib_rule_hdr and FRA_* of <linux/fib_rules.h>, ip-rule(8).
import { attribute, bit, type Field, header, prefix, widened, withDefault } from './codec/field.ts';
import { InvalidField } from './codec/invalid-field.ts';
import { message } from './codec/message.ts';
import type { Input, Output } from './codec/schema.ts';
import { be32, be64, named, range, s32, string, u8, u16, u32 } from './codec/type.ts';
import { family, protocol } from './names.ts';
import { verbs } from './request.ts';

const action = named(u8, { unspec: 0, table: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 });

/** A limit on the route that is found. The kernel reports -1 for no limit. */
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
    /** If unset in a request, it follows from `src` or `dst`. All requests but `list` need one of these. */
    family: header(0, family),
    /** Matches packets to this destination prefix. */
    dst: prefix(1, 1, 'absent'),
    /** Matches packets from this source prefix. */
    src: prefix(2, 2, 'absent'),
    /** Matches this type of service (traffic class for IPv6). */
    tos: header(3, u8),
    /** The routing table to look up. */
    table: widened(15, 4),
    /** What the rule does; `table` looks up a table, and is the default of `add` and `append`. */
    action: header(7, action),
    /** Matches the packets that its selectors do not match (FIB_RULE_INVERT). */
    invert: bit(8, 0x2),
    /**
     * All flags, FIB_RULE_*: 1 permanent, 2 inverted, 4 the target of `goto` does not exist, 8 and 16 the interface `iif`
     * or `oif` does not exist.
     */
    flags: header(8, u32),
    /** Matches packets that arrive by this interface; `lo` matches packets of this host. Up to 15 bytes. */
    iif: attribute(3, string(16)),
    /** Priority of the rule to continue with, for the action `goto`. */
    goto: attribute(4, u32),
    /** Rules are tried in ascending order. If unset, the kernel takes one less than the priority of the second rule. */
    priority: withDefault(attribute(6, u32), 0),
    /** Matches packets with this mark in the bits of `mask`. */
    mark: attribute(10, u32),
    /** Realms: those of the source times 65536, plus those of the destination (ip-rule(8)). */
    flow: attribute(11, u32),
    /** Matches packets of the tunnel with this key. */
    tunId: attribute(12, be64),
    /** Ignores a route that was found if its interface is in this group. */
    suppressIfgroup: suppressed(13),
    /** Ignores a route that was found if its prefix is not longer than this. */
    suppressPrefixLength: suppressed(14),
    /** The bits of `mark` to compare; unset is all of them. */
    mask: attribute(16, u32),
    /** Matches packets of sockets that are bound to this interface. Up to 15 bytes. */
    oif: attribute(17, string(16)),
    /** 1 looks up the table of the VRF that the packet belongs to. */
    l3mdev: attribute(19, u8),
    /** Matches packets of sockets of these users, first to last. */
    uidRange: attribute(20, range(u32)),
    /** Who installed the rule. */
    protocol: attribute(21, protocol),
    /** Matches this IP protocol. */
    ipProto: attribute(22, u8),
    /** Matches these source ports, first to last. */
    sport: attribute(23, range(u16)),
    /** Matches these destination ports, first to last. */
    dport: attribute(24, range(u16)),
    /** Matches this differentiated services code point, 0 to 63. Linux 6.13: an older kernel adds the rule without it. */
    dscp: attribute(25, u8),
    /** Matches this IPv6 flow label in the bits of `flowLabelMask`. Linux 6.14: an older kernel adds the rule without it. */
    flowLabel: attribute(26, be32),
    /** The bits of `flowLabel` to compare. Linux 6.14. */
    flowLabelMask: attribute(27, be32),
    /** The bits of `sport` to compare. Linux 6.15: an older kernel compares all. */
    sportMask: attribute(28, u16),
    /** The bits of `dport` to compare. Linux 6.15: an older kernel compares all. */
    dportMask: attribute(29, u16),
    /** The bits of `dscp` to compare. Linux 6.15: an older kernel compares all. */
    dscpMask: attribute(30, u8),
  }),
});

/** A rule, as the kernel reports it. */
export type Rule = Output<typeof ruleMessage.fields>;
/** A rule, as a request describes it. */
export type RuleInput = Input<typeof ruleMessage.fields>;

// The kernel filters a list by family only. It refuses a request that has other fields.
const plain = verbs(ruleMessage, ({ family }) => ({ family }));

/**
 * The kernel deletes the first rule that matches all given fields. A request without any would delete the rule for
 * `local`.
 */
function withSelector(input: RuleInput): RuleInput {
  if (Object.entries(input).some(([name, value]) => name !== 'family' && value !== undefined)) return input;
  throw new InvalidField(
    'priority',
    'this or another field must tell which rule; the kernel takes the first',
    'rule.delete',
  );
}

/**
 * Requests about rules (ip-rule(8)). `add` fails with EEXIST if the kernel takes an existing rule for the same: it
 * ignores `invert`, and selectors of that rule that the request does not have. `append` creates a rule in any case,
 * behind those of its priority. `delete` deletes the first rule that matches all given fields.
 * @throws InvalidField `delete`: no field other than `family` is given.
 */
export const rule: Pick<typeof plain, 'add' | 'append' | 'delete' | 'list'> = {
  add: input => plain.add({ action: 'table', ...input }),
  append: input => plain.append({ action: 'table', ...input }),
  delete: input => plain.delete(withSelector(input)),
  list: plain.list,
};
