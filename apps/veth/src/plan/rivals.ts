// What stands in the place of ours. The kernel goes by the first of the routes that have one key, and takes a rule for ours that
// has more selectors or inverts them: putting ours again would change nothing, or be refused.
import { mainTable, type Route, type Rule } from '@spider/rtnetlink';
import { isOurs, ownTable, podEnd, replyRulePriority, replyTable } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { differences, hasKey, matches } from '../object/match.ts';
import { type DesiredObject, isNetlinkObject, type NetlinkObject, type Place } from '../object/object.ts';
import { bare } from '../prefix.ts';
import { haveSameKey, toRouteInput } from '../route.ts';
import { strayRoute } from './strays.ts';

/** Those that go before ours is put: what the kernel goes by instead, and of ours all but one. */
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
    const standing = contested[place].filter(found => hasKey(object, found));
    if (standing.length < 2) return [];
    const asWanted = (found: Route) => found.oif === index && differences(object, found).length === 0;
    const own = standing.findIndex(asWanted);
    const kept = own < 0 ? standing.findIndex(isOurs) : own;
    return standing
      .filter((found, i) => i !== kept && (i < kept || isOurs(found) || isPreferred(found)))
      .map(found => rivalRoute(place, facts, found));
  });
}

/** In the NIC's table, before its own routes, or where it has several to one destination before the first. */
function rivalsOfNic({ nic, ours, pair }: Facts): Route[] {
  const inTable = ours.pod.contested.routes.filter(({ table }) => table === ownTable(nic.index));
  return inTable.filter((found, i) => {
    const first = inTable.findIndex(other => isOurs(other) && haveSameKey(other, found));
    const isNics = inTable[first]!.oif !== pair!.podIndex;
    return isNics && !isOurs(found) && (i < first || isPreferred(found));
  });
}

/** Among routes of IPv6 with one key the kernel looks at this before their order. Ours have none, which is medium. */
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
  // Of others ip(8) says as much where it finds no name.
  const dev = oif === undefined ? '' : oif === index ? end : (place === 'pod' && known.get(oif)) || `if${oif}`;
  return { kind: 'route', place, dev, wanted, absent: true, rival: true };
}

/** Further routes of ours on the node to the NIC's addresses. */
export function surplusRoutes(wanted: readonly DesiredObject[], { nic, ours, pair }: Facts): NetlinkObject[] {
  if (!pair) return [];
  const { hostIndex, hostName } = pair;
  const isWanted = (found: Route) =>
    wanted.some(object => object.kind === 'route' && object.place === 'node' && matches(object, hostIndex, found));
  return ours.node.routes
    .filter(({ dst, oif }) => oif === hostIndex && nic.addresses.includes(bare(dst!)))
    .filter(found => !isWanted(found))
    .map(found => strayRoute('node', hostName, found));
}

/** A rule is put behind whatever the kernel would take for it, which then goes. */
export function asMissing(object: DesiredObject, { ours }: Facts): DesiredObject {
  if (object.kind !== 'rule' || object.absent || ours.pod.rules.some(found => matches(object, 0, found))) return object;
  return { ...object, behind: true };
}

/** Those that go once ours is there: they are for the same packets, and come before it. */
export function rivalRules(wanted: readonly DesiredObject[], { ours }: Facts): NetlinkObject[] {
  const standing = ours.pod.contested.rules;
  const rivals = wanted.filter(isNetlinkObject).flatMap(object => {
    const own = standing.findIndex(found => matches(object, 0, found));
    const before = own < 0 ? standing : standing.slice(0, own);
    return before.filter(found => (!isOurs(found) || leadsNowhere(found)) && isForSame(object, found));
  });
  return rivals.map(({ flags, ...rule }) => {
    return { kind: 'rule', place: 'pod', dev: podEnd, wanted: rule, absent: true, rival: true };
  });
}

/** With our number, but for no address and no table of ours: by neither would it be found to be a stray. */
function leadsNowhere({ priority, src, action, table }: Rule): boolean {
  const isLeading = action === 'table' && (table === mainTable || table > replyTable);
  return priority !== replyRulePriority && src === undefined && !isLeading;
}

/** Whatever it does with them. */
function isForSame(object: NetlinkObject, found: Rule): boolean {
  if (object.kind !== 'rule' || object.absent) return false;
  const { action, goto, suppressIfgroup, suppressPrefixLength, flow, ...selectors } = found;
  const { table, protocol } = object.wanted;
  return hasKey(object, { ...selectors, table, protocol });
}
