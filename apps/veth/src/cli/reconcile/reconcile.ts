// Brings the datapath of running pods to what their configuration asks for, as an ADD does for a new pod.
import { setTimeout as sleep } from 'node:timers/promises';
import { type AddContext, CNIError, type K8sArgs } from '@spider/cni-skel';
import { NetNs } from '@spider/netns';
import { link, Rtnetlink } from '@spider/rtnetlink';
import { apply } from '../../apply/apply.ts';
import type { Config } from '../../config/config.ts';
import { protocol } from '../../datapath.ts';
import { Code } from '../../errors.ts';
import type { Facts } from '../../facts.ts';
import { type Attachment, attachmentName } from '../../names.ts';
import { observe } from '../../observe/observe.ts';
import { hasRuleset, type Plan, plan } from '../../plan/plan.ts';
import { lockPod } from '../../pod-lock.ts';
import { Sites } from '../../sites.ts';
import { asAdd } from '../as-add.ts';
import type { Json } from '../configuration.ts';
import { type PlannedObject, plannedObjects } from '../plan/plan.ts';
import { type PodFilter, refuseUnmatched } from '../pods.ts';
import { type Cached, readCaches } from './cached.ts';
import { type Target, targetsOf } from './targets.ts';

export interface Options {
  /** Instead of the configurations that the runtime keeps; only for attachments to its network, if it names one. */
  readonly conf: Json | undefined;
  /** Directories of libcni's cache. */
  readonly caches: readonly string[];
  /** Change nothing. */
  readonly dryRun: boolean;
}

/** What was done for one attachment, or would be. */
export interface Reconciled extends Attachment {
  readonly pod: string | undefined;
  readonly netns: string | undefined;
  /** For the operator: what is odd about the configuration. */
  readonly warnings: readonly string[];
  /** The pair, if there was none. */
  readonly pair?: Plan['pair'];
  /** Objects that were not as they should be. */
  readonly changes: readonly PlannedObject[];
  /** Why it failed. What was not complete was undone. */
  readonly error?: string;
}

/** Milliseconds in which a runtime finishes an ADD or a DEL: runs the chain's other plugins, and writes or removes its file. */
const pause = 1000;

/** @throws Error if the filter matches no pod */
export async function reconcile(filter: PodFilter, options: Options): Promise<Reconciled[]> {
  const targets = targetsNow(filter, options);
  if (targets.length === 0) refuseUnmatched(filter);
  const done: Reconciled[] = [];
  const late = new Set<string>();
  for (const target of targets) {
    const result = isSettled(target, options) ? await reconcileOne(target, options) : undefined;
    if (result && result.error === undefined) done.push(result);
    else late.add(attachmentName(target));
  }
  if (late.size === 0) return done;
  // Something is wrong with these, or their ADD or DEL is under way.
  await sleep(pause);
  for (const target of targetsNow(filter, options))
    if (late.has(attachmentName(target))) done.push(await reconcileOne(target, options));
  return done;
}

/** True if nothing looks as if an ADD or a DEL were under way. */
function isSettled({ isOnPair, netns, cached }: Target, { conf }: Options): boolean {
  return isOnPair && netns !== undefined && (conf ?? cached) !== undefined;
}

function targetsNow(filter: PodFilter, { conf, caches }: Options): Target[] {
  using namespace = NetNs.current();
  using node = Rtnetlink.openIn(namespace);
  const isWanted = ({ network }: Attachment) => conf?.['name'] === undefined || conf['name'] === network;
  return targetsOf(node, filter, readCaches(caches)).filter(isWanted);
}

async function reconcileOne(target: Target, { conf: given, dryRun }: Options): Promise<Reconciled> {
  const { containerID, network, ifName, pod, netns, cached } = target;
  const base = { containerID, network, ifName, pod, netns, warnings: [], changes: [] };
  if (netns === undefined) return { ...base, error: 'no path leads to its network namespace' };
  const conf = given ?? cached?.conf;
  if (!conf) return { ...base, error: 'the runtime keeps no configuration of it; name one by --conf' };
  try {
    const request = {
      netns,
      ifName,
      containerID,
      args: argsOf(cached),
      conf: { ...conf, ...resultIn(cached), name: network },
    };
    const attachOnce = () => asAdd(request, context => attachAgain(context, pod, dryRun));
    const done = await attachOnce();
    // An ADD that makes the pair may not read the rules that are left of a former one. The next does.
    const more = done.pair && !dryRun ? (await attachOnce()).changes : [];
    return { ...base, ...done, changes: [...done.changes, ...more] };
  } catch (error) {
    return { ...base, error: (error as Error).message };
  }
}

/** The result, and its version. */
function resultIn(cached: Cached | undefined): Json {
  const { result } = cached ?? {};
  return result ? { prevResult: result, ...(result.cniVersion && { cniVersion: result.cniVersion }) } : {};
}

function argsOf(cached: Cached | undefined): string | undefined {
  return cached?.args.map(([key, value]) => `${key}=${value}`).join(';');
}

/** ADD, but that it asks first what differs, does nothing if nothing does, and closes what it opened. */
async function attachAgain(
  { conf, containerID, ifName, netns, prevResult, rollback, signal }: AddContext<Config, K8sArgs, 'interface'>,
  pod: string | undefined,
  dryRun: boolean,
): Promise<Pick<Reconciled, 'warnings' | 'pair' | 'changes'>> {
  const { warnings } = conf;
  if (conf.skip) return { warnings, changes: [] };
  const sites = rollback.adopt(new Sites(netns), opened => opened[Symbol.dispose]());
  await lockPod(sites.pod.namespace, signal);
  const facts = observe(sites, containerID, ifName, prevResult);
  const planned = plan(conf, facts, { containerID, ifName, network: conf.name }, pod);
  if (hasRuleset(planned)) await sites.openNftables();
  refuseAddressesOfOthers(facts, sites);
  const changes = plannedObjects(planned, facts, sites).filter(({ action }) => action !== 'keep');
  if (changes.length > 0 && !dryRun) apply(planned, facts, sites, rollback);
  sites[Symbol.dispose]();
  return { warnings, pair: facts.pair ? undefined : planned.pair, changes };
}

/**
 * The ADD of a new pod takes over an address that another pair still has, because that pod is going. Two running pods with
 * one address would take it from each other for ever.
 * @throws CNIError that names the address and the other pair
 */
function refuseAddressesOfOthers({ node, pair }: Facts, { node: { rtnetlink } }: Sites): void {
  for (const [address, { route }] of node.views) {
    if (route?.protocol !== protocol || route.oif === undefined || route.oif === pair?.hostIndex) continue;
    const other = rtnetlink.execute(link.get({ index: route.oif }));
    throw new CNIError(
      Code.AddressConflict,
      `address ${address} in the pod: another pod has it too, to which the node routes it: by ${other?.name}`,
    );
  }
}
