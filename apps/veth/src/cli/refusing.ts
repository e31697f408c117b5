// Which route or rule lets nothing come to a destination. The kernel tells no more than that there is one.
import { Address, Prefix } from '@spider/ip';
import { mainTable, NetlinkError, type Outcome, type Route, type Rtnetlink, route } from '@spider/rtnetlink';
import { anywhere, familyOf } from '../family.ts';
import { rulesOf, type Selected, selects, textOf } from './rule.ts';

/** What routes and rules refuse a packet as. */
export type Refusal = 'blackhole' | 'unreachable' | 'prohibit';

/** What the kernel says of each, where it does not show the route. */
const refusals: Readonly<Record<string, Refusal>> = {
  EINVAL: 'blackhole',
  EHOSTUNREACH: 'unreachable',
  EACCES: 'prohibit',
};

/** What may have refused a look-up that led nowhere; undefined where nothing did. */
export function refusalIn({ value, error }: Outcome<Route | undefined>): Refusal | undefined {
  if (error) return error instanceof NetlinkError ? refusals[error.code] : undefined;
  if (!value) return 'unreachable';
  const { type } = value;
  return type === 'blackhole' || type === 'unreachable' || type === 'prohibit' ? type : undefined;
}

/**
 * The route and the rule that leads to it, or the rule alone that refuses by itself: `route prohibit 10.96.0.0/16 table 77,
 * by rule 77 to 10.96.0.0/24 lookup 77`. Undefined where there is none.
 */
export function refusingText(socket: Rtnetlink, packet: Selected, type: Refusal): string | undefined {
  const family = familyOf(packet.dst);
  const [{ value: other }] = socket.settle([route.get({ dst: packet.dst, fibMatch: true })]);
  for (const rule of rulesOf(socket, family).filter(selects(packet))) {
    const text = textOf(rule);
    if (rule.action === type) return `rule ${text}`;
    if (rule.action !== 'table') continue;
    // A table that nothing was ever put into is none.
    const [{ value: all = [] }] = socket.settle([route.list({ family, table: rule.table, type })]);
    const [dst] = all
      .map(({ dst = anywhere[family] }) => dst)
      .filter(dst => Prefix.parse(dst).contains(Address.parse(packet.dst)))
      .toSorted((one, other) => lengthOf(other) - lengthOf(one));
    const table = rule.table === mainTable ? '' : ` table ${rule.table}`;
    // Behind a longer prefix it refuses nothing.
    if (other?.table === rule.table && other.type !== type && lengthOf(other.dst) > lengthOf(dst)) continue;
    if (dst) return `route ${type} ${dst}${table}${text ? `, by rule ${text}` : ''}`;
  }
  return undefined;
}

function lengthOf(prefix = '/0'): number {
  return Number(prefix.split('/')[1]);
}
