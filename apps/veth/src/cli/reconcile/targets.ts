// The attachments to reconcile: those that the host ends of pairs name, and those that only the runtime knows.
import type { Rtnetlink } from '@spider/rtnetlink';
import { type Attachment, attachmentNames, attachmentOf } from '../../names.ts';
import { type Cached, type Caches, podNamedIn } from '../cached.ts';
import { hostEnds, type PodFilter, pathsOf, podOf } from '../pods.ts';
import { withoutPair } from '../without-pair.ts';

export interface Target extends Attachment {
  readonly pod: string | undefined;
  /** The host end of the pod's pair has the attachment's name. */
  readonly isOnPair: boolean;
  /** Undefined if no path leads to the pod's network namespace. */
  readonly netns: string | undefined;
  /** Undefined if the runtime keeps nothing about it. */
  readonly cached: Cached | undefined;
}

/** The attachments of the pods that the filter matches. */
export function targetsOf(node: Rtnetlink, filter: PodFilter, caches: Caches): Target[] {
  const hosts = hostEnds(node, filter);
  const paths = pathsOf(node, hosts, filter);
  const named = hosts.flatMap(host =>
    attachmentNames(host).map(name => {
      const cached = caches.get(name);
      // The name has only a hash of an ID that is too long.
      const { containerID, network, ifName } = cached ?? attachmentOf(name);
      const netns = paths.get(host.linkNetnsid);
      return { containerID, network, ifName, pod: podOf(host), isOnPair: true, netns, cached };
    }),
  );
  const unnamed = withoutPair(node, filter, caches).map(cached => ({
    ...cached,
    pod: podNamedIn(cached),
    isOnPair: false,
    cached,
  }));
  return [...named, ...unnamed].sort((a, b) => compare(a.containerID, b.containerID) || compare(a.ifName, b.ifName));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
