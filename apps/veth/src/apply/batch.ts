// Applies the rtnetlink objects of one network namespace, and remembers for the rollback what they replaced.
import type { Rollback } from '@spider/cni-skel';
import { NetlinkError, type Outcome, type Request, route } from '@spider/rtnetlink';
import type { Facts } from '../facts.ts';
import type { Actual, NetlinkObject, Place } from '../object/object.ts';
import { nothing } from '../object/read.ts';
import { create, ensure } from '../object/request.ts';
import { describe } from '../object/text.ts';
import { isNotFound } from '../remove/not-found.ts';
import { toRouteInput } from '../route.ts';
import type { Sites } from '../sites.ts';
import { type CompetingRoutes, competingWith, isOnPair, isUnexpectedRoute, routesTo } from './competing.ts';
import { hardwareAdvice } from './hardware-address.ts';
import { inverse, undo } from './inverse.ts';
import { type Failure, refused } from './refused.ts';

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
