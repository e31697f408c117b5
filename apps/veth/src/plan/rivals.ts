// What stands in the place of ours. The kernel goes by the first of the routes that have one key, and takes a rule for ours that
// has more selectors or inverts them: putting ours again would change nothing, or be refused.
import type { Route } from '@spider/rtnetlink';
import type { Facts } from '../facts.ts';
import { isOurs, podEnd } from '../identity.ts';
import { type DesiredObject, differences, hasKey, isNetlinkObject, matches, type NetlinkObject } from '../object.ts';
import { bare } from '../part.ts';
import { strayRoute } from './strays.ts';

/** Those that go before ours is put: the routes before it, and of ours all but one. */
export function rivalRoutes(wanted: readonly DesiredObject[], facts: Facts): NetlinkObject[] {
  const { ours, pair, node } = facts;
  const { podIndex, hostIndex } = pair!;
  const onNode = [...[...node.views.values()].flatMap(({ rival }) => rival ?? []), ...ours.node.routes];
  return wanted.filter(isNetlinkObject).flatMap((object): NetlinkObject[] => {
    const { kind, place, dev, absent } = object;
    if (kind !== 'route' || absent || (place === 'pod' && dev !== podEnd)) return [];
    const index = place === 'pod' ? podIndex : hostIndex;
    const standing = (place === 'pod' ? ours.pod.contested.routes : onNode).filter(found => hasKey(object, found));
    if (standing.length < 2) return [];
    const asWanted = (found: Route) => found.oif === index && differences(object, found).length === 0;
    const own = standing.findIndex(asWanted);
    const kept = own < 0 ? standing.findIndex(isOurs) : own;
    return standing
      .filter((found, i) => i < kept || (i > kept && isOurs(found)))
      .map(found => rivalRoute(object, facts, found));
  });
}

function rivalRoute({ place }: NetlinkObject, { nic, others, pair }: Facts, found: Route): NetlinkObject {
  const { family, flags, fibMatch, dst, ...route } = found;
  const known = new Map([nic, ...others].map(({ index, name }) => [index, name]));
  const { podIndex, hostIndex, hostName } = pair!;
  const ends = { pod: [podIndex, podEnd], node: [hostIndex, hostName] } as const;
  const [index, end] = ends[place];
  const { oif } = found;
  // Of others ip(8) says as much where it finds no name.
  const dev = oif === undefined ? '' : oif === index ? end : (place === 'pod' && known.get(oif)) || `if${oif}`;
  return { kind: 'route', place, dev, wanted: { ...route, dst: dst! }, absent: true, rival: true };
}

/** Further routes of ours on the node to the NIC's addresses. */
export function surplusRoutes(wanted: readonly DesiredObject[], { nic, ours, pair }: Facts): NetlinkObject[] {
  const { hostIndex, hostName } = pair!;
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

/** Those that go once ours is there. */
export function rivalRules(wanted: readonly DesiredObject[], { ours }: Facts): NetlinkObject[] {
  const missing = wanted.filter(isNetlinkObject).filter(({ kind, behind }) => kind === 'rule' && behind);
  return ours.pod.contested.rules
    .filter(found => missing.some(object => hasKey(object, found, 'protocol')))
    .map(({ flags, ...rule }) => {
      return { kind: 'rule', place: 'pod', dev: podEnd, wanted: rule, absent: true, rival: true };
    });
}
