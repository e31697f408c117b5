// ADD once more, for an attachment of a running pod: without the runtime, and only where something differs.
import { type AddContext, CNIError, type K8sArgs } from '@spider/cni-skel';
import { link } from '@spider/rtnetlink';
import { apply } from '../apply/apply.ts';
import type { Config } from '../config/config.ts';
import { protocol } from '../datapath.ts';
import { Code } from '../errors.ts';
import type { Facts } from '../facts.ts';
import type { Attachment } from '../names.ts';
import { observe } from '../observe/observe.ts';
import { hasRuleset, type Plan, plan } from '../plan/plan.ts';
import { lockPod } from '../pod-lock.ts';
import { Sites } from '../sites.ts';
import { asAdd } from './as-add.ts';
import type { Cached } from './cached.ts';
import type { Json } from './configuration.ts';
import { type PlannedObject, plannedObjects } from './plan/plan.ts';

/** An attachment of a running pod. */
export interface Attached extends Attachment {
  readonly netns: string;
  /** Undefined if the runtime keeps nothing about it. */
  readonly cached: Cached | undefined;
}

export interface Again {
  /** For the operator: what is odd about the configuration. */
  readonly warnings: readonly string[];
  /** The pair, if there was none. */
  readonly pair: Plan['pair'];
  /** Objects that were not as they should be. */
  readonly changes: readonly PlannedObject[];
}

/** Passes the handler what the runtime would pass to ADD. @throws Error with the error that ADD would return */
export function asAddAgain<T>(
  { containerID, network, ifName, netns, cached }: Attached,
  conf: Json,
  handle: (context: AddContext<Config, K8sArgs, 'interface'>) => Promise<T>,
): Promise<T> {
  const args = cached?.args.map(([key, value]) => `${key}=${value}`).join(';');
  return asAdd({ netns, ifName, containerID, args, conf: { ...conf, ...resultIn(cached), name: network } }, handle);
}

/** The result, and its version. */
function resultIn(cached: Cached | undefined): Json {
  const { result } = cached ?? {};
  return result ? { prevResult: result, ...(result.cniVersion && { cniVersion: result.cniVersion }) } : {};
}

/**
 * ADD, but that it asks first what differs, does nothing if nothing does, and closes what it opened.
 * @throws Error with the error that ADD would return
 */
export function attachAgain(
  attached: Attached,
  conf: Json,
  { pod, dryRun }: { readonly pod: string | undefined; readonly dryRun: boolean },
): Promise<Again> {
  return asAddAgain(attached, conf, async ({ conf, containerID, ifName, netns, prevResult, rollback, signal }) => {
    const { warnings } = conf;
    if (conf.skip) return { warnings, pair: undefined, changes: [] };
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
  });
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
