// The requests of a rollback.
import { familyOf, type Request, type Rtnetlink, route } from '@spider/rtnetlink';
import { findExisting, hasKey } from '../object/match.ts';
import type { Actual, NetlinkObject, Place } from '../object/object.ts';
import { drop, ensure, restore } from '../object/request.ts';
import { toRouteInput } from '../route.ts';
import type { CompetingRoutes } from './competing.ts';

/** The requests that undo what was done to an object. */
export function inverse(
  object: NetlinkObject,
  index: number,
  before: Actual,
  competing: CompetingRoutes | undefined,
): Request<void>[] {
  if (object.absent) return [restore(object, index), ...(object.rival ? reappended(object, before) : [])];
  const existing = competing?.replaced ?? findExisting(object, index, before);
  if (!existing || object.behind) return [drop(object, index)];
  if (object.kind === 'route') return [route.replace(toRouteInput(existing)), ...inOrder(competing)];
  const previous = Object.fromEntries(Object.keys(object.wanted).map(name => [name, existing[name] ?? unset[name]]));
  return [ensure({ ...object, wanted: previous } as NetlinkObject, index)];
}

/** The values that unset a link's attributes. */
const unset: Readonly<Record<string, unknown>> = { alias: '' };

/**
 * If some routes were deleted, appends all of them in their former order, as a route can be added only behind the others.
 */
function inOrder(
  { all, preferred }: Pick<CompetingRoutes, 'all' | 'preferred'> = { all: [], preferred: [] },
): Request<void>[] {
  if (preferred.length === 0) return [];
  return all.flatMap(found => {
    const again = route.append(toRouteInput(found));
    return preferred.includes(found) ? [again] : [route.delete(toRouteInput(found)), again];
  });
}

/** IPv6 adds a restored route behind those with the same key. Those that were behind it are moved there again. */
function reappended(rival: NetlinkObject, before: Actual): Request<void>[] {
  if (rival.kind !== 'route' || familyOf(rival.wanted.dst) === 'inet') return [];
  return before.route
    .filter(found => hasKey(rival, found))
    .flatMap(found => [route.delete(toRouteInput(found)), route.append(toRouteInput(found))]);
}

/**
 * Sends all requests, even if some are refused.
 * @throws Error that names what was refused, and so stays as ADD made it
 */
export function undo(inverses: readonly Request<void>[], place: Place, rtnetlink: Rtnetlink): void {
  const refused = rtnetlink.settle(inverses).flatMap(({ error }) => error?.message ?? []);
  if (refused.length > 0) throw new Error(`${place}: ${refused.join('; ')}`);
}
