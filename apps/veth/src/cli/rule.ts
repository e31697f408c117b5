// Which rule leads a packet to the table that its route stands in.
import { Address, Prefix } from '@spider/ip';
import { type Route, type Rtnetlink, type Rule, route as routes, rule } from '@spider/rtnetlink';
import { anywhere, familyOf } from '../facts.ts';
import { hexadecimal } from '../object.ts';
import { hostPrefix } from '../plan/prefix.ts';

/** IPPROTO_TCP. */
export const tcp = 6;

/** What rules look at. */
export interface Selected {
  readonly src: string | undefined;
  readonly dst: string;
  readonly mark?: number | undefined;
  /** Of TCP; undefined where it is not known what is in the packet. */
  readonly ports?: { readonly source: number; readonly destination: number } | undefined;
  /** The link that it came in by; undefined where it is made here. */
  readonly iif?: string | undefined;
}

/** What routes and rules refuse a packet as. */
export type Refusal = 'blackhole' | 'unreachable' | 'prohibit';

/** Those that the kernel begins with: to local, main and default. */
export const usualRules = [0, 32_766, 32_767];

/** The rule that leads to where the packet is sent, where that is none of the kernel's own, as ip-rule(8) writes it. */
export function unusualRuleFor(socket: Rtnetlink, packet: Selected): string | undefined {
  const { src, dst } = packet;
  const [{ value: match }] = socket.settle([routes.get({ dst, ...(src && { src: hostPrefix(src) }), fibMatch: true })]);
  const found = match && ruleFor(socket, packet, match);
  return found && textOf(found);
}

/** A route, or a rule, that lets nothing come to a destination. */
export interface Refusing {
  readonly route: Route | undefined;
  /** That leads to the route, or is what refuses; undefined where it is one of the kernel's own. As ip-rule(8) writes it. */
  readonly rule: string | undefined;
}

/** What refuses the packet, where the kernel says that something of the type does. Of such routes it tells nothing else. */
export function refusingFor(socket: Rtnetlink, packet: Selected, type: Refusal): Refusing | undefined {
  const family = familyOf(packet.dst);
  for (const found of rulesOf(socket, family).filter(selects(packet))) {
    if (found.action === type) return { route: undefined, rule: textOf(found) };
    if (found.action !== 'table') continue;
    // A table that nothing was ever put into is none.
    const [{ value: all = [] }] = socket.settle([routes.list({ family, table: found.table, type })]);
    const [route] = all
      .filter(({ dst = anywhere[family] }) => Prefix.parse(dst).contains(Address.parse(packet.dst)))
      .toSorted((one, other) => lengthOf(other) - lengthOf(one));
    if (route) return { route, rule: textOf(found) };
  }
  return undefined;
}

function lengthOf({ dst = '/0' }: Route): number {
  return Number(dst.split('/')[1]);
}

/** What of a packet a rule looks at, as ip-rule(8) writes it. */
export function selectorOf({ invert, src, dst, mark, iif, ipProto, sport, dport }: Rule): string[] {
  const rangeOf = ([first, last]: readonly [number, number]) => (first === last ? `${first}` : `${first}-${last}`);
  return [
    invert && 'not',
    src && `from ${src}`,
    dst && `to ${dst}`,
    mark && `fwmark ${hexadecimal(mark)}`,
    iif && `iif ${iif}`,
    ipProto && `ipproto ${ipProto === tcp ? 'tcp' : ipProto}`,
    sport && `sport ${rangeOf(sport)}`,
    dport && `dport ${rangeOf(dport)}`,
  ].filter(part => typeof part === 'string');
}

/** Undefined for the kernel's own. */
function textOf(rule: Rule): string | undefined {
  if (usualRules.includes(rule.priority)) return undefined;
  const what = rule.action === 'table' ? `lookup ${rule.table}` : rule.action;
  return [rule.priority, ...selectorOf(rule), what].join(' ');
}

/** The first rule that selects the packet, as far as is known of it, and leads to the table. */
export function ruleFor(socket: Rtnetlink, packet: Selected, { family, table }: Route): Rule | undefined {
  return rulesOf(socket, family!)
    .filter(selects(packet))
    .find(found => found.table === table);
}

function rulesOf(socket: Rtnetlink, family: Rule['family']): Rule[] {
  return socket.execute(rule.list({ family })).toSorted((a, b) => a.priority - b.priority);
}

function selects(packet: Selected): (rule: Rule) => boolean {
  const holds = (prefix: string | undefined, address: string | undefined) =>
    prefix === undefined || (address !== undefined && Prefix.parse(prefix).contains(Address.parse(address)));
  const isIn = (range: readonly [number, number] | undefined, port = 0) =>
    range === undefined || (range[0] <= port && port <= range[1]);
  return ({ src, dst, mark = 0, mask = 0, iif, ipProto, sport, dport, invert }) => {
    const matches =
      holds(src, packet.src) &&
      holds(dst, packet.dst) &&
      ((packet.mark ?? 0) & mask) === mark &&
      // What a place sends itself comes from nowhere, which rules call lo.
      (iif === undefined || iif === (packet.iif ?? 'lo')) &&
      (ipProto === undefined || (packet.ports !== undefined && ipProto === tcp)) &&
      isIn(sport, packet.ports?.source) &&
      isIn(dport, packet.ports?.destination);
    return matches !== (invert ?? false);
  };
}
