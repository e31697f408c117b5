// The node's pods that have a pair, and the options that select some of them.
import { type Link, link, type Rtnetlink } from '@spider/rtnetlink';
import { attachmentNames, attachmentOf, isHostEnd } from '../names.ts';
import { nsidOf, pathsByNsid } from '../namespaces.ts';
import { openPod } from './pod-namespace.ts';
import { unattached } from './unattached.ts';

/** Selects pods; all of them if neither is given. */
export interface PodFilter {
  readonly netns: string | undefined;
  /** A container ID or the beginning of one, or a pod's name with or without its namespace. */
  readonly pod: string | undefined;
}

/**
 * The host ends of the pairs that the filter matches.
 * @throws Error if --netns is not the network namespace of a pod
 */
export function hostEnds(node: Rtnetlink, { netns, pod }: PodFilter): Link[] {
  // Opened only for the error if there is no such namespace.
  if (netns !== undefined) openPod(netns).close();
  const number = netns === undefined ? undefined : nsidOf(node, netns);
  return node
    .execute(link.list())
    .filter(found => isHostEnd(found) && attachmentNames(found).length > 0)
    .filter(({ linkNetnsid }) => netns === undefined || (number !== undefined && linkNetnsid === number))
    .filter(host => {
      const ids = attachmentNames(host).map(known => attachmentOf(known).containerID);
      return pod === undefined || isNamed(pod, podOf(host), ids);
    });
}

/** Paths of the pods' network namespaces, by the number of the namespace that a host end's peer is in. */
export function pathsOf(
  node: Rtnetlink,
  hosts: readonly Link[],
  { netns }: PodFilter,
): ReadonlyMap<number | undefined, string> {
  return netns === undefined ? pathsByNsid(node) : new Map(hosts.map(({ linkNetnsid }) => [linkNetnsid, netns]));
}

/** Whether --pod names the pod, or one of its containers. */
export function isNamed(wanted: string, pod: string | undefined, containerIDs: readonly string[]): boolean {
  return pod === wanted || pod?.split('/')[1] === wanted || containerIDs.some(id => id.startsWith(wanted));
}

/** The pod's namespace and name, if the runtime passed them. */
export function podOf({ alias = '' }: Link): string | undefined {
  return alias.startsWith('pod ') ? alias.slice('pod '.length) : undefined;
}

/** @throws Error if the filter is one, because it matches no pod */
export function refuseUnmatched({ netns, pod }: PodFilter): void {
  if (netns !== undefined) throw new Error(`no pair of ours leads to ${netns}: ${unattached}`);
  if (pod !== undefined) throw new Error(`no pair of ours is that of a pod or container ${pod}`);
}
