// Brings the datapath of running pods to what their configuration asks for, as an ADD does for a new pod.
import { setTimeout as sleep } from 'node:timers/promises';
import { NetNs } from '@spider/netns';
import { Rtnetlink } from '@spider/rtnetlink';
import { type Attachment, attachmentName } from '../../names.ts';
import { type Again, attachAgain } from '../attach-again.ts';
import { readCaches } from '../cached.ts';
import { type Configurations, isFor } from '../configurations.ts';
import { type PodFilter, refuseUnmatched } from '../pods.ts';
import { pause } from '../without-pair.ts';
import { type Target, targetsOf } from './targets.ts';

export interface Options extends Configurations {
  /** Change nothing. */
  readonly dryRun: boolean;
}

/** What was done for one attachment, or would be. */
export interface Reconciled extends Attachment, Again {
  readonly pod: string | undefined;
  readonly netns: string | undefined;
  /** Why it failed. What was not complete was undone. */
  readonly error?: string;
}

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
  return targetsOf(node, filter, readCaches(caches)).filter(target => conf === undefined || isFor(conf, target));
}

async function reconcileOne(target: Target, { conf: given, dryRun }: Options): Promise<Reconciled> {
  const { containerID, network, ifName, pod, netns, cached } = target;
  const base = { containerID, network, ifName, pod, netns, warnings: [], pair: undefined, changes: [] };
  if (netns === undefined) return { ...base, error: 'no path leads to its network namespace' };
  const conf = given ?? cached?.conf;
  if (!conf) return { ...base, error: 'the runtime keeps no configuration of it; name one by --conf' };
  try {
    const attachOnce = () => attachAgain({ ...target, netns }, conf, { pod, dryRun });
    const done = await attachOnce();
    // An ADD that makes the pair may not read the rules that are left of a former one. The next does.
    const more = done.pair && !dryRun ? (await attachOnce()).changes : [];
    return { ...base, ...done, changes: [...done.changes, ...more] };
  } catch (error) {
    return { ...base, error: (error as Error).message };
  }
}
