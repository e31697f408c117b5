// Puts those of a place's objects that rtnetlink(7) keeps, and remembers what was in their places.
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
import type { Facts } from '../facts.ts';
import { familyOf } from '../family.ts';
import { podEnd } from '../identity.ts';
import { differences, find, hasKey } from '../object/match.ts';
import { type Actual, type DesiredObject, isNetlinkObject, type NetlinkObject, type Place } from '../object/object.ts';
import { nothing, readActual } from '../object/read.ts';
import { create, drop, put, restore } from '../object/request.ts';
import { describe } from '../object/text.ts';
import { isDirect } from '../plan/connected.ts';
import { isGone } from '../remove/gone.ts';
import { settable } from '../route.ts';
import type { Sites } from '../sites.ts';
import { hardwareAdvice } from './hardware-address.ts';
import { type Failure, refused } from './refused.ts';

/** What has the place of an object. */
type Former = Actual[NetlinkObject['kind']][number];

/** What putting takes. */
export interface Bench {
  readonly devices: ReadonlyMap<string, number>;
  readonly facts: Facts;
  readonly sites: Sites;
  readonly rollback: Rollback;
  readonly before: Actual;
}

/** Puts all objects of one place, with one send where nothing is to go and no place turns out to be another's. */
export function putAll(objects: readonly NetlinkObject[], place: Place, bench: Bench): void {
  for (const group of groupsOf(objects)) putGroup(group, place, bench);
}

/** What goes is sent once all before it is there: a default route that one table refuses has not left the other. */
function groupsOf(objects: readonly NetlinkObject[]): NetlinkObject[][] {
  const groups: NetlinkObject[][] = [];
  let previous: NetlinkObject | undefined;
  for (const object of objects) {
    if (!previous || (object.absent && !previous.absent)) groups.push([]);
    groups.at(-1)!.push(object);
    previous = object;
  }
  return groups;
}

function putGroup(objects: readonly NetlinkObject[], place: Place, bench: Bench): void {
  const { devices, facts, sites, rollback, before } = bench;
  const { rtnetlink } = sites[place];
  const indexOf = ({ dev }: NetlinkObject) => devices.get(dev)!;
  /** The routes in whose places these are put. */
  const holders: (Holders | undefined)[] = [];
  const requests: Request<void>[] = [];
  for (const object of objects) {
    const index = indexOf(object);
    const found = object.kind === 'route' && before.route.length > 0 ? holdersOf(object, index, before) : undefined;
    holders.push(found);
    requests.push(found ? put(object, index) : create(object, index));
  }
  const outcomes: Outcome<void>[] = rtnetlink.settle(requests);
  rollback.defer(() => {
    const inverses = objects.map((object, i) => {
      // What is on a link that we made goes with that link. A rule is on none.
      const ours = !facts.pair && object.kind !== 'rule' && isOnPair(object);
      if (outcomes[i]!.error || (ours && !holders[i])) return [];
      return inverse(object, indexOf(object), before, holders[i]);
    });
    undo(inverses.toReversed().flat(), place, rtnetlink);
  });
  const failures: Failure[] = [];
  for (let i = 0; i < objects.length; i++) {
    const object = objects[i]!;
    let { error } = outcomes[i]!;
    if (error && isTaken(object, error)) {
      holders[i] = holdersOf(object, indexOf(object), { ...nothing, route: rtnetlink.execute(routesTo(object)) });
      const [again] = rtnetlink.settle([put(object, indexOf(object))]);
      outcomes[i] = again;
      ({ error } = again);
    }
    const earlier = holders[i]?.earlier ?? [];
    if (!error && earlier.length > 0) {
      const gone = rtnetlink.settle(earlier.map(found => route.delete(settable(found))));
      holders[i] = { ...holders[i]!, earlier: earlier.filter((_, j) => !gone[j]!.error) };
      error = gone.flatMap(({ error }) => (error && !isGone(error) ? [error] : []))[0];
    }
    if (!error || isBearable(object, error)) continue;
    const isNics = object.kind === 'link' && object.wanted.address !== undefined;
    failures.push({ what: describe(object), error, advice: isNics ? hardwareAdvice(facts.nic, error) : undefined });
  }
  if (failures.length > 0) throw refused(failures);
}

/** Nothing is amiss where what shall be there is, or what shall not be there is not. */
function isBearable({ kind, optional, absent, behind }: NetlinkObject, error: Error): boolean {
  if (optional) return true;
  if (!(error instanceof NetlinkError)) return false;
  // Of these the kernel knows no replacing.
  const exists = (kind === 'rule' || kind === 'altName' || behind) && error.code === 'EEXIST';
  return exists || (absent === true && isGone(error));
}

/**
 * Asks for all of it, whatever is refused.
 * @throws Error that names what was, and so is left as ADD made it.
 */
function undo(inverses: readonly Request<void>[], place: Place, rtnetlink: Rtnetlink): void {
  const refused = rtnetlink.settle(inverses).flatMap(({ error }) => error?.message ?? []);
  if (refused.length > 0) throw new Error(`${place}: ${refused.join('; ')}`);
}

type RouteObject = Extract<NetlinkObject, { readonly kind: 'route' }>;

/** A route that nobody knew of has the place: one in a new pod, whose routes are not read, or one to another device. */
function isTaken(object: NetlinkObject, error: Error): object is RouteObject {
  const { kind, absent, behind } = object;
  return kind === 'route' && !absent && !behind && error instanceof NetlinkError && error.code === 'EEXIST';
}

/** The kernel finds all routes of a table, and they are not made objects of. */
function routesTo({ wanted: { dst, table } }: RouteObject): Request<Route[]> {
  return route.list({ family: familyOf(dst), dst, table });
}

/** Those that have the key of a route. */
interface Holders {
  /** The one that is replaced. */
  readonly former: Former;
  readonly alike: readonly RouteInput[];
  /** Those that the kernel would go by all the same, so that they go: of IPv6 it does not always replace the first. */
  readonly earlier: readonly RouteInput[];
}

function holdersOf(object: NetlinkObject, index: number, actual: Actual): Holders | undefined {
  const former = find(object, index, actual);
  if (!former) return undefined;
  const alike: readonly RouteInput[] = actual.route.filter(found => hasKey(object, found));
  const at = alike.indexOf(former);
  const isEarlier = ({ pref }: RouteInput, i: number) => i < at || (i > at && pref === 'high');
  const isOurs = isOnPair(object) && !object.absent && !object.behind;
  return { former, alike, earlier: isOurs ? alike.filter(isEarlier) : [] };
}

function isOnPair({ dev, place }: NetlinkObject): boolean {
  return dev === podEnd || place === 'node';
}

/** What is there before: read where an earlier ADD put objects, else known from the facts. */
export function stateBefore(
  place: Place,
  objects: readonly DesiredObject[],
  { pair, nic, others, node }: Facts,
  sites: Sites,
): Actual {
  // Of a sandbox that is not quite gone. Of IPv6 ours does not replace one by a gateway.
  const known: RouteInput[] = [];
  if (place === 'node') for (const [, { route }] of node.views) if (route && isDirect(route)) known.push(route);
  if (!pair && others.length === 0) return { ...nothing, link: [{ ...nic }], route: known };
  const ends = pair ? [place === 'pod' ? pair.podIndex : pair.hostIndex] : [];
  const indexes = place === 'pod' ? [nic.index, ...others.map(({ index }) => index), ...ends] : ends;
  const found = readActual(sites[place].rtnetlink, indexes, place === 'pod');
  // What has the place of ours comes back by itself, and is not what ours was.
  const rivals = objects.filter(isNetlinkObject).filter(({ rival }) => rival);
  return {
    ...found,
    route: [...known, ...found.route].filter(
      one => !rivals.some(rival => differences(rival, settable(one)).length === 0),
    ),
  };
}

/** The requests that make an object, and what ours took the place of, be again as it was. */
function inverse(object: NetlinkObject, index: number, before: Actual, holders: Holders | undefined): Request<void>[] {
  if (object.absent) return [restore(object, index), ...(object.rival ? moved(object, before) : [])];
  const former = holders?.former ?? find(object, index, before);
  if (!former || object.behind) return [drop(object, index)];
  if (object.kind === 'route') return [route.replace(settable(former)), ...reordered(holders)];
  const previous = Object.fromEntries(Object.keys(object.wanted).map(name => [name, former[name] ?? unset[name]]));
  return [put({ ...object, wanted: previous } as NetlinkObject, index)];
}

/** What makes a link be again without what it did not have. */
const unset: Readonly<Record<string, unknown>> = { alias: '' };

/** Where some of them went. What comes again comes behind the others, so these go behind it. */
function reordered(
  { alike, earlier }: Pick<Holders, 'alike' | 'earlier'> = { alike: [], earlier: [] },
): Request<void>[] {
  if (earlier.length === 0) return [];
  return alike.flatMap(found => {
    const again = route.append(settable(found));
    return earlier.includes(found) ? [again] : [route.delete(settable(found)), again];
  });
}

/** IPv6 puts a route behind those that have its key: they go behind it. */
function moved(rival: NetlinkObject, before: Actual): Request<void>[] {
  if (rival.kind !== 'route' || familyOf(rival.wanted.dst) === 'inet') return [];
  return before.route
    .filter(found => hasKey(rival, found))
    .flatMap(found => [route.delete(settable(found)), route.append(settable(found))]);
}
