// Puts what the plan wants, in as few sends as it can be put. Each step defers its inverse to the skeleton's rollback.
import { CNIError, type Rollback } from '@spider/cni-skel';
import { NetNsError } from '@spider/netns';
import { link, NetlinkError, type Request, type Route, type RouteInput, route } from '@spider/rtnetlink';
import { Code } from './errors.ts';
import type { Facts, Pair } from './facts.ts';
import { isGone } from './gone.ts';
import { confirmHardwareAddress, hardwareAdvice } from './hardware-address.ts';
import { podEnd } from './identity.ts';
import {
  type Actual,
  type DesiredObject,
  describe,
  differences,
  drop,
  find,
  hasKey,
  isNetlinkObject,
  type NetlinkObject,
  type Place,
  places,
  put,
  type Ruleset,
  restore,
  type Sysctl,
} from './object.ts';
import type { DesiredPair } from './plan/pair.ts';
import type { Plan } from './plan/plan.ts';
import { nothing, readActual } from './read.ts';
import type { Sites } from './sites.ts';

/**
 * Makes pod and node as planned.
 * @throws CNIError that names every object the kernel refused.
 */
export function apply(plan: Plan, facts: Facts, sites: Sites, rollback: Rollback): void {
  const { pair: wanted, objects } = plan;
  const devices = new Map([facts.nic, ...facts.others].map(({ name, index }) => [name, index]));
  const pair = facts.pair ?? (wanted && create(wanted, facts, sites, rollback));
  if (pair) {
    devices.set(podEnd, pair.podIndex).set(pair.hostName, pair.hostIndex);
    keepReplacedRoutes(facts, pair, sites, rollback);
  }
  for (const place of places) {
    const here = objects.filter(object => object.place === place);
    const bench = { devices, facts, sites, rollback, before: stateBefore(place, here, facts, sites) };
    putAll(here.filter(isNetlinkObject).filter(isEarly), place, bench);
    for (const sysctl of here.filter(isSysctl)) putSysctl(sysctl, sites, rollback);
    const rulesets = here.filter(isRuleset);
    // The rules outlive it: by them the next call would know that there is something to remove.
    for (const ruleset of rulesets.filter(({ absent }) => absent)) putRuleset(ruleset, sites, rollback);
    putAll(
      here.filter(isNetlinkObject).filter(object => !isEarly(object)),
      place,
      bench,
    );
    for (const ruleset of rulesets.filter(({ absent }) => !absent)) putRuleset(ruleset, sites, rollback);
    // Before the pair goes, where it is to go: nothing brings it back.
    if (place === 'pod' && plan.hardwareAddress) confirmHardwareAddress(plan.hardwareAddress, facts.nic, sites.pod);
  }
}

const isSysctl = (object: DesiredObject): object is Sysctl => object.kind === 'sysctl';
const isEarly = ({ early }: NetlinkObject): boolean => early === true;
const isRuleset = (object: DesiredObject): object is Ruleset => object.kind === 'ruleset';

interface Failure {
  readonly what: string;
  readonly error: Error;
  /** What to do, where that is known. */
  readonly advice?: string | undefined;
}

function refused(failures: readonly Failure[]): CNIError {
  const [first] = failures;
  const list = failures.map(({ what, error }) => `${what}: ${reason(error)}`).join('; ');
  const details = failures.find(({ advice }) => advice)?.advice ?? first!.error.message;
  return new CNIError(Code.KernelRefused, list, { details, cause: first!.error });
}

function reason(error: Error): string {
  if (!(error instanceof NetlinkError)) return error.message;
  return error.kernelMessage ? `${error.code} (${error.kernelMessage})` : error.code;
}

type Ends = Pick<Pair, 'hostName' | 'hostIndex' | 'podIndex'>;

/**
 * Creates the pair with one message: names, hardware addresses, MTU, and the pod end in the pod. The host end is created
 * up; the pod end cannot be, for a veth only goes up once it has its peer.
 */
function create(pair: DesiredPair, { leftover }: Facts, { pod, node }: Sites, rollback: Rollback): Ends {
  const { hostName, hostAddress, podName, podAddress, mtu } = pair;
  const peer = { name: podName, address: podAddress, mtu, netnsFd: pod.namespace.fd };
  if (leftover !== undefined) node.rtnetlink.execute(link.delete({ index: leftover }));
  const [added, found] = node.rtnetlink.settle([
    link.add({ name: hostName, up: true, address: hostAddress, mtu, info: { kind: 'veth', data: { peer } } }),
    // Tells both ends' indexes, so that nothing has to be looked up in the pod.
    link.get({ name: hostName }, ['index', 'link']),
  ]);
  if (added.error)
    throw refused([{ what: `link ${hostName} on the node with its peer ${podName} in the pod`, error: added.error }]);
  const { index: hostIndex, link: podIndex } = found.value!;
  // Everything on either end goes with it.
  rollback.defer(() => node.rtnetlink.execute(link.delete({ index: hostIndex })));
  return { hostName, hostIndex, podIndex: podIndex! };
}

/** A route of a sandbox that is not quite gone, to an address that this pod has now, gives way; failing, it comes back. */
function keepReplacedRoutes({ node }: Facts, { hostIndex }: Ends, sites: Sites, rollback: Rollback): void {
  const replaced: RouteInput[] = [];
  for (const [, { route }] of node.views) if (route && route.oif !== hostIndex) replaced.push(route);
  if (replaced.length > 0) rollback.defer(() => void sites.node.rtnetlink.batch(replaced.map(route.replace)));
}

function putSysctl(sysctl: Sysctl, sites: Sites, rollback: Rollback): void {
  const { place, key, value, optional } = sysctl;
  try {
    const setting = sites[place].namespace.sysctl(key);
    const before = setting.read();
    if (before !== value) {
      setting.write(value);
      rollback.defer(() => setting.write(before));
    }
  } catch (error) {
    if (optional && error instanceof NetNsError && error.reason === 'not-found') return;
    throw new CNIError(Code.KernelRefused, `${describe(sysctl)}: ${(error as Error).message}`, { cause: error });
  }
}

function putRuleset(ruleset: Ruleset, sites: Sites, rollback: Rollback): void {
  try {
    rollback.defer(sites[ruleset.place].nftables!.put(ruleset));
  } catch (error) {
    throw refused([{ what: describe(ruleset), error: error as Error }]);
  }
}

interface Bench {
  readonly devices: ReadonlyMap<string, number>;
  readonly facts: Facts;
  readonly sites: Sites;
  readonly rollback: Rollback;
  readonly before: Actual;
}

/** Puts all objects of one place, with one send where nothing is to go. */
function putAll(objects: readonly NetlinkObject[], place: Place, bench: Bench): void {
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
  const outcomes = rtnetlink.settle(objects.map(object => put(object, indexOf(object))));
  rollback.defer(() => {
    const inverses = objects.flatMap((object, i) => {
      // What is on a link that we made goes with that link. A rule is on none.
      const ours = !facts.pair && object.kind !== 'rule' && (object.dev === podEnd || object.place === 'node');
      if (outcomes[i]!.error) return [];
      return replaced(object, indexOf(object), before) ?? (ours ? [] : [inverse(object, indexOf(object), before)]);
    });
    rtnetlink.batch(inverses.toReversed());
  });
  const failures: Failure[] = [];
  for (let i = 0; i < objects.length; i++) {
    const object = objects[i]!;
    const { error } = outcomes[i]!;
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

/** What is there before: read where an earlier ADD put objects, else known from the facts. */
function stateBefore(
  place: Place,
  objects: readonly DesiredObject[],
  { pair, nic, others }: Facts,
  sites: Sites,
): Actual {
  if (!pair && others.length === 0) return { ...nothing, link: [{ ...nic }] };
  const ends = pair ? [place === 'pod' ? pair.podIndex : pair.hostIndex] : [];
  const indexes = place === 'pod' ? [nic.index, ...others.map(({ index }) => index), ...ends] : ends;
  const { rtnetlink } = sites[place];
  const found = readActual(rtnetlink, indexes);
  // Whoever else has the place of ours gives way. Those of the node are known from the facts.
  const routes = place === 'pod' ? rtnetlink.execute(route.list()) : found.route;
  // What has the place of ours comes back by itself, and is not what ours was.
  const rivals = objects.filter(isNetlinkObject).filter(({ rival }) => rival);
  return {
    ...found,
    route: routes.filter(one => !rivals.some(rival => differences(rival, one).length === 0)),
  };
}

/** The request that brings back the route of others which the object took the place of, where there was one. */
function replaced(object: NetlinkObject, index: number, before: Actual): Request<void>[] | undefined {
  if (object.kind !== 'route' || object.absent || object.behind || find(object, index, before)) return undefined;
  const other = before.route.find(candidate => hasKey(object, candidate));
  if (!other) return undefined;
  const { family, flags, fibMatch, ...wanted } = other as Route;
  return [put({ ...object, wanted: { ...wanted, dst: object.wanted.dst }, rival: true }, index)];
}

/** The request that makes an object be again as it was. */
function inverse(object: NetlinkObject, index: number, before: Actual): Request<void> {
  if (object.absent) return restore(object, index);
  const found = find(object, index, before);
  if (!found) return drop(object, index);
  const previous = Object.fromEntries(Object.keys(object.wanted).map(name => [name, found[name]]));
  return put({ ...object, wanted: previous } as NetlinkObject, index);
}
