// Applies the rtnetlink objects of one network namespace, and remembers for the rollback what they replaced.
import type { Rollback } from '@spider/cni-skel';
import {
  NetlinkError,
  type Outcome,
  type Request,
  type Route,
  type RouteInput,
  type Rtnetlink,
  route,
} from '@spider/rtnetlink';
import { podEnd } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { familyOf } from '../family.ts';
import { differences, findExisting, hasKey } from '../object/match.ts';
import { type Actual, type DesiredObject, isNetlinkObject, type NetlinkObject, type Place } from '../object/object.ts';
import { nothing, readActual } from '../object/read.ts';
import { create, drop, ensure, restore } from '../object/request.ts';
import { describe } from '../object/text.ts';
import { isDirect } from '../plan/connected.ts';
import { isNotFound } from '../remove/not-found.ts';
import { toRouteInput } from '../route.ts';
import type { Sites } from '../sites.ts';
import { hardwareAdvice } from './hardware-address.ts';
import { type Failure, refused } from './refused.ts';

/** An object that the kernel has. */
type Existing = Actual[NetlinkObject['kind']][number];

export interface ApplyContext {
  /** Indexes by name. */
  readonly devices: ReadonlyMap<string, number>;
  readonly facts: Facts;
  readonly sites: Sites;
  readonly rollback: Rollback;
  /** The state before this ADD. */
  readonly before: Actual;
}

/** Applies all objects, with one send if none is to be removed and no route replaces one that was not expected. */
export function applyAll(objects: readonly NetlinkObject[], place: Place, context: ApplyContext): void {
  for (const group of groupsOf(objects)) applyGroup(group, place, context);
}

/**
 * Removals begin a new send, so they happen only if everything before them succeeded: a default route does not leave one
 * table if another has refused it.
 */
function groupsOf(objects: readonly NetlinkObject[]): NetlinkObject[][] {
  const groups: NetlinkObject[][] = [];
  let group: NetlinkObject[] | undefined;
  let removing = false;
  for (const object of objects) {
    const absent = object.absent === true;
    if (!group || (absent && !removing)) {
      group = [];
      groups.push(group);
    }
    group.push(object);
    removing = absent;
  }
  return groups;
}

function applyGroup(objects: readonly NetlinkObject[], place: Place, context: ApplyContext): void {
  const { devices, facts, sites, rollback, before } = context;
  const { rtnetlink } = sites[place];
  const indexOf = ({ dev }: NetlinkObject) => devices.get(dev)!;
  const competing: (CompetingRoutes | undefined)[] = [];
  const requests: Request<void>[] = [];
  for (const object of objects) {
    const index = indexOf(object);
    const found = object.kind === 'route' && before.route.length > 0 ? competingWith(object, index, before) : undefined;
    competing.push(found);
    requests.push(found ? ensure(object, index) : create(object, index));
  }
  const outcomes: Outcome<void>[] = rtnetlink.settle(requests);
  rollback.defer(() => {
    const inverses = objects.map((object, i) => {
      // Deleting a new pair deletes everything on its ends. Rules are on no link.
      const goesWithPair = !facts.pair && object.kind !== 'rule' && isOnPair(object);
      if (outcomes[i]!.error || (goesWithPair && !competing[i])) return [];
      return inverse(object, indexOf(object), before, competing[i]);
    });
    undo(inverses.toReversed().flat(), place, rtnetlink);
  });
  const failures: Failure[] = [];
  for (let i = 0; i < objects.length; i++) {
    const object = objects[i]!;
    let { error } = outcomes[i]!;
    if (error && isUnexpectedRoute(object, error)) {
      competing[i] = competingWith(object, indexOf(object), { ...nothing, route: rtnetlink.execute(routesTo(object)) });
      const [again] = rtnetlink.settle([ensure(object, indexOf(object))]);
      outcomes[i] = again;
      ({ error } = again);
    }
    const preferred = competing[i]?.preferred ?? [];
    if (!error && preferred.length > 0) {
      const deleted = rtnetlink.settle(preferred.map(found => route.delete(toRouteInput(found))));
      competing[i] = { ...competing[i]!, preferred: preferred.filter((_, j) => !deleted[j]!.error) };
      error = deleted.flatMap(({ error }) => (error && !isNotFound(error) ? [error] : []))[0];
    }
    if (!error || isHarmless(object, error)) continue;
    const setsAddress = object.kind === 'link' && object.wanted.address !== undefined;
    failures.push({
      what: describe(object),
      error,
      advice: setsAddress ? hardwareAdvice(facts.nic, error) : undefined,
    });
  }
  if (failures.length > 0) throw refused(failures);
}

/** True if the object is in the wanted state all the same: it exists already, or is absent already. */
function isHarmless({ kind, optional, absent, behind }: NetlinkObject, error: Error): boolean {
  if (optional) return true;
  if (!(error instanceof NetlinkError)) return false;
  // These cannot be replaced, only added.
  const exists = (kind === 'rule' || kind === 'altName' || behind) && error.code === 'EEXIST';
  return exists || (absent === true && isNotFound(error));
}

/**
 * Sends all requests, even if some are refused.
 * @throws Error that names what was refused, and so stays as ADD made it
 */
function undo(inverses: readonly Request<void>[], place: Place, rtnetlink: Rtnetlink): void {
  const refused = rtnetlink.settle(inverses).flatMap(({ error }) => error?.message ?? []);
  if (refused.length > 0) throw new Error(`${place}: ${refused.join('; ')}`);
}

type RouteObject = Extract<NetlinkObject, { readonly kind: 'route' }>;

/** True if another route has the key: one in a new pod, whose routes were not read, or one through another device. */
function isUnexpectedRoute(object: NetlinkObject, error: Error): object is RouteObject {
  const { kind, absent, behind } = object;
  return kind === 'route' && !absent && !behind && error instanceof NetlinkError && error.code === 'EEXIST';
}

/** Lists the routes with this destination only, so that those of a large table are not decoded. */
function routesTo({ wanted: { dst, table } }: RouteObject): Request<Route[]> {
  return route.list({ family: familyOf(dst), dst, table });
}

/** The existing routes with the key of a planned one. */
interface CompetingRoutes {
  /** The route that the kernel replaces. */
  readonly replaced: Existing;
  readonly all: readonly RouteInput[];
  /**
   * Those that the kernel would still prefer to ours, so they are deleted. For IPv6 it does not always replace the first.
   */
  readonly preferred: readonly RouteInput[];
}

function competingWith(object: NetlinkObject, index: number, actual: Actual): CompetingRoutes | undefined {
  const replaced = findExisting(object, index, actual);
  if (!replaced) return undefined;
  const all: readonly RouteInput[] = actual.route.filter(found => hasKey(object, found));
  const at = all.indexOf(replaced);
  const isPreferred = ({ pref }: RouteInput, i: number) => i < at || (i > at && pref === 'high');
  const isOurs = isOnPair(object) && !object.absent && !object.behind;
  return { replaced, all, preferred: isOurs ? all.filter(isPreferred) : [] };
}

function isOnPair({ dev, place }: NetlinkObject): boolean {
  return dev === podEnd || place === 'node';
}

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

/** The requests that undo what was done to an object. */
function inverse(
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
