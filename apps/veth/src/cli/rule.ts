// Which routing policy rule leads a packet to the table that has its route.
import { Address, Prefix } from '@spider/ip';
import { hostPrefix, type Route, type Rtnetlink, type Rule, route, rule } from '@spider/rtnetlink';
import { hexadecimal } from '../object/text.ts';

/** IPPROTO_TCP. */
export const tcp = 6;

/** The properties of a packet that rules select by. */
export interface Flow {
  readonly src: string | undefined;
  readonly dst: string;
  readonly mark?: number | undefined;
  /** TCP ports; undefined if the protocol is not known. */
  readonly ports?: { readonly source: number; readonly destination: number } | undefined;
  /** The link by which the packet came in; undefined for one that is sent from here. */
  readonly iif?: string | undefined;
}

/** The priorities of the kernel's own rules, which lead to the tables local, main and default. */
export const defaultRulePriorities = [0, 32_766, 32_767];

/** The rule that decides where the packet is sent, as ip-rule(8) writes it; undefined if it is one of the kernel's own. */
export function customRuleFor(socket: Rtnetlink, packet: Flow): string | undefined {
  const { src, dst } = packet;
  const [{ value: match }] = socket.settle([route.get({ dst, ...(src && { src: hostPrefix(src) }), fibMatch: true })]);
  const found = match && ruleFor(socket, packet, match);
  return found && textOf(found);
}

/** The selectors of a rule, as ip-rule(8) writes them. */
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

/** A rule as ip-rule(8) writes it; undefined for the kernel's own. */
export function textOf(rule: Rule): string | undefined {
  if (defaultRulePriorities.includes(rule.priority) && rule.action === 'table') return undefined;
  const what = rule.action === 'table' ? `lookup ${rule.table}` : rule.action;
  return [rule.priority, ...selectorOf(rule), what].join(' ');
}

/** The first rule that selects the packet, as far as the packet is known, and leads to the route's table. */
export function ruleFor(socket: Rtnetlink, packet: Flow, { family, table }: Route): Rule | undefined {
  return rulesOf(socket, family!)
    .filter(selects(packet))
    .find(found => found.table === table);
}

/** The rules in the order in which the kernel applies them. */
export function rulesOf(socket: Rtnetlink, family: Rule['family']): Rule[] {
  return socket.execute(rule.list({ family })).toSorted((a, b) => a.priority - b.priority);
}

/** Tells whether a rule selects the packet. */
export function selects(packet: Flow): (rule: Rule) => boolean {
  const holds = (prefix: string | undefined, address: string | undefined) =>
    prefix === undefined || (address !== undefined && Prefix.parse(prefix).contains(Address.parse(address)));
  const isIn = (range: readonly [number, number] | undefined, port = 0) =>
    range === undefined || (range[0] <= port && port <= range[1]);
  return ({ src, dst, mark = 0, mask = 0, iif, ipProto, sport, dport, invert }) => {
    const matches =
      holds(src, packet.src) &&
      holds(dst, packet.dst) &&
      ((packet.mark ?? 0) & mask) === mark &&
      // Rules see lo as the input interface of locally sent packets.
      (iif === undefined || iif === (packet.iif ?? 'lo')) &&
      (ipProto === undefined || (packet.ports !== undefined && ipProto === tcp)) &&
      isIn(sport, packet.ports?.source) &&
      isIn(dport, packet.ports?.destination);
    return matches !== (invert ?? false);
  };
}
