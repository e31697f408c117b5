// Findings about attachments that the runtime knows and no pair serves.
import { setTimeout as sleep } from 'node:timers/promises';
import { NetNs } from '@spider/netns';
import { Rtnetlink } from '@spider/rtnetlink';
import { attachAgain } from '../attach-again.ts';
import { type Cached, podNamedIn, readCaches } from '../cached.ts';
import type { Finding } from '../finding.ts';
import type { PodFilter } from '../pods.ts';
import { pause, withoutPair } from '../without-pair.ts';

/** None for an attachment whose configuration asks for no pair. */
export async function withoutPairFindings(filter: PodFilter, caches: readonly string[]): Promise<Finding[]> {
  const found = await look(filter, caches);
  if (found.length === 0) return found;
  await sleep(pause);
  return look(filter, caches);
}

async function look(filter: PodFilter, caches: readonly string[]): Promise<Finding[]> {
  using namespace = NetNs.current();
  using node = Rtnetlink.openIn(namespace);
  const findings: Finding[] = [];
  for (const cached of withoutPair(node, filter, readCaches(caches))) findings.push(...(await findingsOf(cached)));
  return findings;
}

async function findingsOf(cached: Cached): Promise<Finding[]> {
  const { ifName, network, containerID, conf } = cached;
  const pod = podNamedIn(cached);
  const netns = cached.netns!;
  const object = `${ifName} of ${pod ? `pod ${pod}` : `container ${containerID}`}, network ${network}`;
  try {
    const { pair, changes } = await attachAgain({ ...cached, netns, cached }, conf, { pod, dryRun: true });
    if (!pair && changes.length === 0) return [];
    const problem = pair ? 'has no pair: somebody deleted it' : changes.map(({ text }) => text).join(', ');
    return [{ object, problem, remedy: `veth reconcile --netns ${netns}`, broken: true }];
  } catch (error) {
    return [{ object, problem: (error as Error).message, broken: true }];
  }
}
