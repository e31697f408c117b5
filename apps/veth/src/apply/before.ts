// The state that a rollback restores.
import type { RouteInput } from '@spider/rtnetlink';
import type { Facts } from '../facts.ts';
import { differences } from '../object/match.ts';
import { type Actual, type DesiredObject, isNetlinkObject, type Place } from '../object/object.ts';
import { nothing, readActual } from '../object/read.ts';
import { isDirect } from '../plan/connected.ts';
import { toRouteInput } from '../route.ts';
import type { Sites } from '../sites.ts';

/** The state before this ADD: read if an earlier ADD may have made objects, otherwise known from the facts. */
export function stateBefore(
  place: Place,
  objects: readonly DesiredObject[],
  { pair, nic, others, node }: Facts,
  sites: Sites,
): Actual {
  // Routes of a sandbox that is not quite gone. An IPv6 route by a gateway is not replaced by ours, which has none.
  const known: RouteInput[] = [];
  if (place === 'node') for (const { route } of node.views.values()) if (route && isDirect(route)) known.push(route);
  if (!pair && others.length === 0) return { ...nothing, link: [{ ...nic }], route: known };
  const ends = pair ? [place === 'pod' ? pair.podIndex : pair.hostIndex] : [];
  const indexes = place === 'pod' ? [nic.index, ...others.map(({ index }) => index), ...ends] : ends;
  const found = readActual(sites[place].rtnetlink, indexes, place === 'pod');
  // Rivals are removed, and restored, as objects of their own. They are not what ours replaced.
  const rivals = objects.filter(isNetlinkObject).filter(({ rival }) => rival);
  return {
    ...found,
    route: [...known, ...found.route].filter(
      one => !rivals.some(rival => differences(rival, toRouteInput(one)).length === 0),
    ),
  };
}
