// Rivals: routes and rules that the kernel uses instead of ours. Of several routes with one key it uses the first, and it
// takes a rule with further or inverted selectors for ours. So adding ours again would have no effect, or fail with EEXIST,
// until the rivals are removed.
import { mainTable, type Route, type Rule, withoutLength } from '@spider/rtnetlink';
import { isOurs, ownTable, podEnd, replyRulePriority, replyTable } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { differences, hasKey, matches } from '../object/match.ts';
import { type DesiredObject, isNetlinkObject, type NetlinkObject, type Place } from '../object/object.ts';
import { haveSameKey, toRouteInput } from '../route.ts';
import { absentRoute } from './obsolete.ts';

/** The routes that are removed before ours is added: those that the kernel prefers, and duplicates of ours. */
export function rivalRoutes(wanted: readonly DesiredObject[], facts: Facts): NetlinkObject[] {
  if (!facts.pair) return [];
  return [...rivalsOf(wanted, facts), ...rivalsOfNic(facts).map(found => rivalRoute('pod', facts, found))];
}

function rivalsOf(wanted: readonly DesiredObject[], facts: Facts): NetlinkObject[] {
  const { ours, pair } = facts;
  const { podIndex, hostIndex } = pair!;
  const contested = { pod: ours.pod.contested.routes, node: ours.node.contested };
  return wanted.filter(isNetlinkObject).flatMap((object): NetlinkObject[] => {
    const { kind, place, dev, absent } = object;
    if (kind !== 'route' || absent || (place === 'pod' && dev !== podEnd)) return [];
    const index = place === 'pod' ? podIndex : hostIndex;
    const existing = contested[place].filter(found => hasKey(object, found));
    if (existing.length < 2) return [];
    const asWanted = (found: Route) => found.oif === index && differences(object, found).length === 0;
    const own = existing.findIndex(asWanted);
    const kept = own < 0 ? existing.findIndex(isOurs) : own;
    return existing
      .filter((found, i) => i !== kept && (i < kept || isOurs(found) || isPreferred(found)))
      .map(found => rivalRoute(place, facts, found));
  });
}

/** Routes in the NIC's table that the kernel prefers to the NIC's own: those before the first with the same key. */
function rivalsOfNic({ nic, ours, pair }: Facts): Route[] {
  const inTable = ours.pod.contested.routes.filter(({ table }) => table === ownTable(nic.index));
  return inTable.filter((found, i) => {
    const first = inTable.findIndex(other => isOurs(other) && haveSameKey(other, found));
    const isNics = inTable[first]!.oif !== pair!.podIndex;
    return isNics && !isOurs(found) && (i < first || isPreferred(found));
  });
}

/** Among IPv6 routes with one key the preference counts before the order. Ours have none, which is medium. */
function isPreferred({ pref }: Route): boolean {
  return pref === 'high';
}

function rivalRoute(place: Place, { nic, others, pair }: Facts, found: Route): NetlinkObject {
  const wanted = toRouteInput(found);
  const known = new Map([nic, ...others].map(({ index, name }) => [index, name]));
  const { podIndex, hostIndex, hostName } = pair!;
  const ends = { pod: [podIndex, podEnd], node: [hostIndex, hostName] } as const;
  const [index, end] = ends[place];
  const { oif } = found;
  // ip(8) also writes an unknown device like this.
  const dev = oif === undefined ? '' : oif === index ? end : (place === 'pod' && known.get(oif)) || `if${oif}`;
  return { kind: 'route', place, dev, wanted, absent: true, rival: true };
}

/** Routes of ours on the node to the NIC's addresses that are not wanted. */
export function surplusRoutes(wanted: readonly DesiredObject[], { nic, ours, pair }: Facts): NetlinkObject[] {
  if (!pair) return [];
  const { hostIndex, hostName } = pair;
  const isWanted = (found: Route) =>
    wanted.some(object => object.kind === 'route' && object.place === 'node' && matches(object, hostIndex, found));
  return ours.node.routes
    .filter(({ dst, oif }) => oif === hostIndex && nic.addresses.includes(withoutLength(dst!)))
    .filter(found => !isWanted(found))
    .map(found => absentRoute('node', hostName, found));
}

/** A missing rule is appended, because the kernel may take a rival for it. The rival is removed afterwards. */
export function appendIfMissing(object: DesiredObject, { ours }: Facts): DesiredObject {
  if (object.kind !== 'rule' || object.absent || ours.pod.rules.some(found => matches(object, 0, found))) return object;
  return { ...object, behind: true };
}

/** The rules that are removed after ours is added: they select the same packets, and come before it. */
export function rivalRules(wanted: readonly DesiredObject[], { ours }: Facts): NetlinkObject[] {
  const existing = ours.pod.contested.rules;
  const rivals = wanted.filter(isNetlinkObject).flatMap(object => {
    const own = existing.findIndex(found => matches(object, 0, found));
    const before = own < 0 ? existing : existing.slice(0, own);
    return before.filter(found => (!isOurs(found) || leadsNowhere(found)) && selectsSamePackets(object, found));
  });
  return rivals.map(({ flags, ...rule }) => {
    return { kind: 'rule', place: 'pod', dev: podEnd, wanted: rule, absent: true, rival: true };
  });
}

/** True for a rule with our number but no source and no table of ours: it would not be recognised as obsolete. */
function leadsNowhere({ priority, src, action, table }: Rule): boolean {
  const isLeading = action === 'table' && (table === mainTable || table > replyTable);
  return priority !== replyRulePriority && src === undefined && !isLeading;
}

/** True if the rule selects the same packets, whatever it does with them. */
function selectsSamePackets(object: NetlinkObject, found: Rule): boolean {
  if (object.kind !== 'rule' || object.absent) return false;
  const { action, goto, suppressIfgroup, suppressPrefixLength, flow, ...selectors } = found;
  const { table, protocol } = object.wanted;
  return hasKey(object, { ...selectors, table, protocol });
}
