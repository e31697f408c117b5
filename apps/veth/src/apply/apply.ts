// Applies a plan with as few sends as possible. Each step defers its inverse to the skeleton's rollback.
import { CNIError, type Rollback } from '@spider/cni-skel';
import { NetNsError } from '@spider/netns';
import { link } from '@spider/rtnetlink';
import { podEnd } from '../datapath.ts';
import { Code } from '../errors.ts';
import type { Facts, Pair } from '../facts.ts';
import {
  type DesiredObject,
  type NetlinkObject,
  type Place,
  places,
  type Ruleset,
  type Sysctl,
} from '../object/object.ts';
import { describe } from '../object/text.ts';
import type { DesiredPair } from '../plan/pair.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sites } from '../sites.ts';
import { readSysctl } from '../sysctl.ts';
import { applyAll } from './batch.ts';
import { stateBefore } from './before.ts';
import { confirmHardwareAddress } from './hardware-address.ts';
import { refused } from './refused.ts';

/**
 * Makes pod and node as planned.
 * @throws CNIError that names every object that the kernel refused
 */
export function apply(plan: Plan, facts: Facts, sites: Sites, rollback: Rollback): void {
  const { pair: wanted, objects } = plan;
  const devices = new Map([facts.nic, ...facts.others].map(({ name, index }) => [name, index]));
  const pair = facts.pair ?? (wanted && createPair(wanted, facts, sites, rollback));
  if (pair) devices.set(podEnd, pair.podIndex).set(pair.hostName, pair.hostIndex);
  for (const place of places) {
    const { all, early, sysctls, rulesets, others } = objectsOf(place, objects);
    const context = { devices, facts, sites, rollback, before: stateBefore(place, all, facts, sites) };
    if (early.length > 0) for (const sysctl of sysctls) deferRestore(sysctl, sites, rollback);
    applyAll(early, place, context);
    for (const sysctl of sysctls) applySysctl(sysctl, sites, rollback);
    // Rulesets are removed before the routing rules: if this ADD is killed, the rules tell the next call what is left.
    for (const ruleset of rulesets) if (ruleset.absent) applyRuleset(ruleset, sites, rollback);
    applyAll(others, place, context);
    for (const ruleset of rulesets) if (!ruleset.absent) applyRuleset(ruleset, sites, rollback);
    // Before the node's objects: the plan may delete the pair there, which no rollback brings back.
    if (place === 'pod' && plan.hardwareAddress) confirmHardwareAddress(plan.hardwareAddress, facts.nic, sites.pod);
  }
}

/** The objects of one place, by the way and the time in which they are applied. */
interface PlaceObjects {
  readonly all: readonly DesiredObject[];
  readonly early: readonly NetlinkObject[];
  readonly sysctls: readonly Sysctl[];
  readonly rulesets: readonly Ruleset[];
  readonly others: readonly NetlinkObject[];
}

function objectsOf(place: Place, objects: readonly DesiredObject[]): PlaceObjects {
  const all: DesiredObject[] = [];
  const early: NetlinkObject[] = [];
  const sysctls: Sysctl[] = [];
  const rulesets: Ruleset[] = [];
  const others: NetlinkObject[] = [];
  for (const object of objects) {
    if (object.place !== place) continue;
    all.push(object);
    if (object.kind === 'sysctl') sysctls.push(object);
    else if (object.kind === 'ruleset') rulesets.push(object);
    else if (object.early) early.push(object);
    else others.push(object);
  }
  return { all, early, sysctls, rulesets, others };
}

type Ends = Pick<Pair, 'hostName' | 'hostIndex' | 'podIndex'>;

/**
 * Creates the pair with one message: names, hardware addresses, MTU, and the pod end in the pod. The host end is created
 * up. The pod end cannot be, because a veth goes up only once it has its peer.
 */
function createPair(pair: DesiredPair, { leftover }: Facts, { pod, node }: Sites, rollback: Rollback): Ends {
  const { hostName, hostAddress, podName, podAddress, mtu } = pair;
  const peer = { name: podName, address: podAddress, mtu, netnsFd: pod.namespace.fd };
  if (leftover !== undefined) node.rtnetlink.execute(link.delete({ index: leftover }));
  const [added, found] = node.rtnetlink.settle([
    link.add({ name: hostName, up: true, address: hostAddress, mtu, info: { kind: 'veth', data: { peer } } }),
    // The answer has the indexes of both ends, so the pod need not be asked.
    link.get({ name: hostName }, ['index', 'link']),
  ]);
  if (added.error)
    throw refused([{ what: `link ${hostName} on the node with its peer ${podName} in the pod`, error: added.error }]);
  const { index: hostIndex, link: podIndex } = found.value!;
  // Deleting the pair deletes everything on either end.
  rollback.defer(() => node.rtnetlink.execute(link.delete({ index: hostIndex })));
  return { hostName, hostIndex, podIndex: podIndex! };
}

/**
 * A link whose MTU becomes too small for IPv6 loses its IPv6 sysctls, and later gets them back with default values. So the
 * values are saved before any MTU is changed.
 */
function deferRestore({ place, key }: Sysctl, sites: Sites, rollback: Rollback): void {
  const { namespace } = sites[place];
  const before = readSysctl(namespace, key);
  if (before !== undefined) rollback.defer(() => namespace.sysctl(key).write(before));
}

function applySysctl(sysctl: Sysctl, sites: Sites, rollback: Rollback): void {
  const { place, key, value, optional } = sysctl;
  try {
    const file = sites[place].namespace.sysctl(key);
    const before = file.read();
    if (before !== value) {
      file.write(value);
      rollback.defer(() => file.write(before));
    }
  } catch (error) {
    if (optional && error instanceof NetNsError && error.reason === 'not-found') return;
    throw new CNIError(Code.KernelRefused, `${describe(sysctl)}: ${(error as Error).message}`, { cause: error });
  }
}

function applyRuleset(ruleset: Ruleset, sites: Sites, rollback: Rollback): void {
  try {
    rollback.defer(sites[ruleset.place].nftables!.ensure(ruleset));
  } catch (error) {
    throw refused([{ what: describe(ruleset), error: error as Error }]);
  }
}
