// Finds the route or rule that refuses a destination. The kernel reports only that there is one.
import { Address, Prefix } from '@spider/ip';
import {
  anywhere,
  familyOf,
  mainTable,
  NetlinkError,
  type Outcome,
  type Route,
  type Rtnetlink,
  route,
} from '@spider/rtnetlink';
import { type Flow, rulesOf, selects, textOf } from './rule.ts';

/** The types of routes and rules that refuse a packet. */
export type Refusal = 'blackhole' | 'unreachable' | 'prohibit';

/** The errno with which a look-up fails for each type, if the kernel does not report the route. */
const refusals: Readonly<Record<string, Refusal>> = {
  EINVAL: 'blackhole',
  EHOSTUNREACH: 'unreachable',
  EACCES: 'prohibit',
};

/** The type of route or rule that refused a look-up; undefined if none did. */
export function refusalIn({ value, error }: Outcome<Route | undefined>): Refusal | undefined {
  if (error) return error instanceof NetlinkError ? refusals[error.code] : undefined;
  if (!value) return 'unreachable';
  const { type } = value;
  return type === 'blackhole' || type === 'unreachable' || type === 'prohibit' ? type : undefined;
}

/**
 * Names what refuses the packet: a route and the rule that leads to it, such as `route prohibit 10.96.0.0/16 table 77, by
 * rule 77 to 10.96.0.0/24 lookup 77`, or a rule that refuses by itself. Undefined if none is found.
 */
export function refusalText(socket: Rtnetlink, packet: Flow, type: Refusal): string | undefined {
  const family = familyOf(packet.dst);
  const [{ value: other }] = socket.settle([route.get({ dst: packet.dst, fibMatch: true })]);
  for (const rule of rulesOf(socket, family).filter(selects(packet))) {
    const text = textOf(rule);
    if (rule.action === type) return `rule ${text}`;
    if (rule.action !== 'table') continue;
    // A table that never had a route does not exist, and listing it fails.
    const [{ value: all = [] }] = socket.settle([route.list({ family, table: rule.table, type })]);
    const [dst] = all
      .map(({ dst = anywhere[family] }) => dst)
      .filter(dst => Prefix.parse(dst).contains(Address.parse(packet.dst)))
      .toSorted((one, other) => lengthOf(other) - lengthOf(one));
    const table = rule.table === mainTable ? '' : ` table ${rule.table}`;
    // A longer prefix in the same table takes precedence.
    if (other?.table === rule.table && other.type !== type && lengthOf(other.dst) > lengthOf(dst)) continue;
    if (dst) return `route ${type} ${dst}${table}${text ? `, by rule ${text}` : ''}`;
  }
  return undefined;
}

function lengthOf(prefix = '/0'): number {
  return Number(prefix.split('/')[1]);
}
