// Which rule leads a packet to the table that its route stands in.
import { Address, Prefix } from '@spider/ip';
import { type Route, type Rtnetlink, type Rule, route, rule } from '@spider/rtnetlink';
import { hexadecimal } from '../object/text.ts';
import { hostPrefix } from '../prefix.ts';

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

/** Those that the kernel begins with: to local, main and default. */
export const usualRules = [0, 32_766, 32_767];

/** The rule that leads to where the packet is sent, where that is none of the kernel's own, as ip-rule(8) writes it. */
export function unusualRuleFor(socket: Rtnetlink, packet: Selected): string | undefined {
  const { src, dst } = packet;
  const [{ value: match }] = socket.settle([route.get({ dst, ...(src && { src: hostPrefix(src) }), fibMatch: true })]);
  const found = match && ruleFor(socket, packet, match);
  return found && textOf(found);
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

/** As ip-rule(8) writes it; undefined for the kernel's own. */
export function textOf(rule: Rule): string | undefined {
  if (usualRules.includes(rule.priority) && rule.action === 'table') return undefined;
  const what = rule.action === 'table' ? `lookup ${rule.table}` : rule.action;
  return [rule.priority, ...selectorOf(rule), what].join(' ');
}

/** The first rule that selects the packet, as far as is known of it, and leads to the table. */
export function ruleFor(socket: Rtnetlink, packet: Selected, { family, table }: Route): Rule | undefined {
  return rulesOf(socket, family!)
    .filter(selects(packet))
    .find(found => found.table === table);
}

/** In the order in which the kernel goes by them. */
export function rulesOf(socket: Rtnetlink, family: Rule['family']): Rule[] {
  return socket.execute(rule.list({ family })).toSorted((a, b) => a.priority - b.priority);
}

/** Whether a rule selects the packet. */
export function selects(packet: Selected): (rule: Rule) => boolean {
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
