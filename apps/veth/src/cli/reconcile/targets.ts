// The attachments to reconcile: those that the host ends of pairs name, and those that only the runtime knows, because
// somebody deleted their pair.
import { NetNs, NetNsError } from '@spider/netns';
import { address, link, Rtnetlink, withoutLength } from '@spider/rtnetlink';
import { type Attachment, attachmentName, attachmentNames, attachmentOf } from '../../names.ts';
import { nsidOf } from '../../namespaces.ts';
import { hostEnds, isNamed, type PodFilter, pathsOf, podOf } from '../pods.ts';
import type { Cached } from './cached.ts';

export interface Target extends Attachment {
  readonly pod: string | undefined;
  /** The host end of the pod's pair has the attachment's name. */
  readonly isOnPair: boolean;
  /** Undefined if no path leads to the pod's network namespace. */
  readonly netns: string | undefined;
  /** Undefined if the runtime keeps nothing about it. */
  readonly cached: Cached | undefined;
}

const everyPod: PodFilter = { netns: undefined, pod: undefined };

/** The attachments of the pods that the filter matches. */
export function targetsOf(node: Rtnetlink, filter: PodFilter, caches: readonly Cached[]): Target[] {
  const byName = new Map(caches.map(cached => [attachmentName(cached), cached]));
  const hosts = hostEnds(node, filter);
  const paths = pathsOf(node, hosts, filter);
  const named = hosts.flatMap(host =>
    attachmentNames(host).map(name => {
      const cached = byName.get(name);
      // The name has only a hash of an ID that is too long.
      const { containerID, network, ifName } = cached ?? attachmentOf(name);
      return {
        containerID,
        network,
        ifName,
        pod: podOf(host),
        isOnPair: true,
        netns: paths.get(host.linkNetnsid),
        cached,
      };
    }),
  );
  const names = new Set(hostEnds(node, everyPod).flatMap(attachmentNames));
  const unnamed = caches
    .filter(cached => !names.has(attachmentName(cached)) && matches(node, cached, filter) && isAlive(cached))
    .map(cached => ({ ...cached, pod: podNamedIn(cached), isOnPair: false, cached }));
  return [...named, ...unnamed].sort((a, b) => compare(a.containerID, b.containerID) || compare(a.ifName, b.ifName));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function matches(node: Rtnetlink, cached: Cached, { netns, pod }: PodFilter): boolean {
  if (pod !== undefined && !isNamed(pod, podNamedIn(cached), [cached.containerID])) return false;
  return netns === undefined || (cached.netns !== undefined && nsidOf(node, cached.netns) === nsidOf(node, netns));
}

function podNamedIn({ args }: Cached): string | undefined {
  const { K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name } = Object.fromEntries(args);
  return namespace && name ? `${namespace}/${name}` : undefined;
}

/**
 * Whether the namespace at the path is still that of the attachment: its NIC has one of the addresses that the result names.
 * Runtimes leave files behind, and by now the path may lead to another pod.
 */
function isAlive({ netns, ifName, result }: Cached): boolean {
  if (!netns) return false;
  try {
    using namespace = NetNs.open(netns);
    if (namespace.isCurrent()) return false;
    using socket = Rtnetlink.openIn(namespace);
    const nic = socket.execute(link.get({ name: ifName }));
    const found = nic ? socket.execute(address.list({ index: nic.index })) : [];
    const given = result?.ips?.map(ip => withoutLength(ip.address ?? '')) ?? [];
    return found.some(({ address }) => given.includes(withoutLength(address!)));
  } catch (error) {
    if (error instanceof NetNsError) return false;
    throw error;
  }
}
