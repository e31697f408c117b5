// Which rule leads a packet to the table that its route stands in.
import { Address, Prefix } from '@spider/ip';
import { type Route, type Rtnetlink, type Rule, route, rule } from '@spider/rtnetlink';
import { hexadecimal } from '../object.ts';
import { hostPrefix } from '../plan/prefix.ts';

/** What rules look at. */
export interface Selected {
  readonly src: string | undefined;
  readonly dst: string;
  readonly mark?: number | undefined;
}

/** Those that the kernel begins with: to local, main and default. */
export const usualRules = [0, 32_766, 32_767];

/** The rule that leads to where the packet is sent, where that is none of the kernel's own, as ip-rule(8) writes it. */
export function unusualRuleFor(socket: Rtnetlink, packet: Selected): string | undefined {
  const { src, dst } = packet;
  const [{ value: match }] = socket.settle([route.get({ dst, ...(src && { src: hostPrefix(src) }), fibMatch: true })]);
  const found = match && ruleFor(socket, packet, match);
  return found && !usualRules.includes(found.priority)
    ? `${found.priority} ${[...selectorOf(found), `lookup ${found.table}`].join(' ')}`
    : undefined;
}

/** What of a packet a rule looks at, as ip-rule(8) writes it. */
export function selectorOf({ src, dst, mark }: Rule): string[] {
  return [src && `from ${src}`, dst && `to ${dst}`, mark ? `fwmark ${hexadecimal(mark)}` : undefined].filter(
    part => part !== undefined,
  );
}

/** The first rule that selects the packet, as far as its addresses tell, and leads to the table. */
export function ruleFor(socket: Rtnetlink, packet: Selected, { family, table }: Route): Rule | undefined {
  const rules = socket.execute(rule.list({ family })).toSorted((a, b) => a.priority - b.priority);
  const holds = (prefix: string | undefined, address: string | undefined) =>
    prefix === undefined || (address !== undefined && Prefix.parse(prefix).contains(Address.parse(address)));
  const bears = ({ mark = 0, mask = 0 }: Rule) => ((packet.mark ?? 0) & mask) === mark;
  return rules.find(
    found => found.table === table && holds(found.src, packet.src) && holds(found.dst, packet.dst) && bears(found),
  );
}
