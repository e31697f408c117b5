// Puts what the plan wants, in as few sends as it can be put. Each step defers its inverse to the skeleton's rollback.
import { CNIError, type Rollback } from '@spider/cni-skel';
import { NetNsError } from '@spider/netns';
import { link } from '@spider/rtnetlink';
import { Code } from '../errors.ts';
import type { Facts, Pair } from '../facts.ts';
import { podEnd } from '../identity.ts';
import {
  type DesiredObject,
  isNetlinkObject,
  type NetlinkObject,
  places,
  type Ruleset,
  type Sysctl,
} from '../object/object.ts';
import { describe } from '../object/text.ts';
import type { DesiredPair } from '../plan/pair.ts';
import type { Plan } from '../plan/plan.ts';
import { settingOf } from '../setting.ts';
import type { Sites } from '../sites.ts';
import { putAll, stateBefore } from './batch.ts';
import { confirmHardwareAddress } from './hardware-address.ts';
import { refused } from './refused.ts';

/**
 * Makes pod and node as planned.
 * @throws CNIError that names every object the kernel refused.
 */
export function apply(plan: Plan, facts: Facts, sites: Sites, rollback: Rollback): void {
  const { pair: wanted, objects } = plan;
  const devices = new Map([facts.nic, ...facts.others].map(({ name, index }) => [name, index]));
  const pair = facts.pair ?? (wanted && createPair(wanted, facts, sites, rollback));
  if (pair) devices.set(podEnd, pair.podIndex).set(pair.hostName, pair.hostIndex);
  for (const place of places) {
    const here = objects.filter(object => object.place === place);
    const bench = { devices, facts, sites, rollback, before: stateBefore(place, here, facts, sites) };
    const early = here.filter(isNetlinkObject).filter(isEarly);
    const sysctls = here.filter(isSysctl);
    if (early.length > 0) for (const sysctl of sysctls) keepSetting(sysctl, sites, rollback);
    putAll(early, place, bench);
    for (const sysctl of sysctls) putSysctl(sysctl, sites, rollback);
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

type Ends = Pick<Pair, 'hostName' | 'hostIndex' | 'podIndex'>;

/**
 * Creates the pair with one message: names, hardware addresses, MTU, and the pod end in the pod. The host end is created
 * up; the pod end cannot be, for a veth only goes up once it has its peer.
 */
function createPair(pair: DesiredPair, { leftover }: Facts, { pod, node }: Sites, rollback: Rollback): Ends {
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

/** With an MTU too small for it a link loses its settings of IPv6. When it has them again, they are the defaults. */
function keepSetting({ place, key }: Sysctl, sites: Sites, rollback: Rollback): void {
  const { namespace } = sites[place];
  const before = settingOf(namespace, key);
  if (before !== undefined) rollback.defer(() => namespace.sysctl(key).write(before));
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
