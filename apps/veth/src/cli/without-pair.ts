// The attachments that only the runtime knows, because their pod has no pair.
import { NetNs, NetNsError } from '@spider/netns';
import { address, link, Rtnetlink, withoutLength } from '@spider/rtnetlink';
import { attachmentName, attachmentNames } from '../names.ts';
import { identityOf, nsidOf } from '../namespaces.ts';
import { type Cached, type Caches, podNamedIn } from './cached.ts';
import { hostEnds, isNamed, type PodFilter } from './pods.ts';

/**
 * Milliseconds in which a runtime finishes an ADD or a DEL: runs the chain's other plugins, and writes or removes its file.
 * Until then an attachment may have a file and no pair, or a pair and no file.
 */
export const pause = 1000;

const everyPod: PodFilter = { netns: undefined, pod: undefined };

/** Those of pods that are still there and match the filter. */
export function withoutPair(node: Rtnetlink, filter: PodFilter, caches: Caches): Cached[] {
  const names = new Set(hostEnds(node, everyPod).flatMap(attachmentNames));
  return [...caches.values()].filter(
    cached => !names.has(attachmentName(cached)) && matches(cached, filter) && isAlive(cached),
  );
}

function matches(cached: Cached, { netns, pod }: PodFilter): boolean {
  if (pod !== undefined && !isNamed(pod, podNamedIn(cached), [cached.containerID])) return false;
  return netns === undefined || (cached.netns !== undefined && identityOf(cached.netns) === identityOf(netns));
}

/**
 * Whether the namespace at the path is still that of the attachment: its NIC has one of the addresses that the result names.
 * Runtimes leave files behind, and by now the path may lead to another pod. If the NIC has a parent or a peer, that is in
 * the node's namespace: elsewhere a pair must not be made.
 */
function isAlive({ netns, ifName, result }: Cached): boolean {
  if (!netns) return false;
  try {
    using namespace = NetNs.open(netns);
    if (namespace.isCurrent()) return false;
    using socket = Rtnetlink.openIn(namespace);
    const nic = socket.execute(link.get({ name: ifName }));
    if (nic?.linkNetnsid !== undefined && nic.linkNetnsid !== nsidOf(socket, '/proc/self/ns/net')) return false;
    const found = nic ? socket.execute(address.list({ index: nic.index })) : [];
    const given = result?.ips?.map(ip => withoutLength(ip.address ?? '')) ?? [];
    return found.some(({ address }) => given.includes(withoutLength(address!)));
  } catch (error) {
    if (error instanceof NetNsError) return false;
    throw error;
  }
}
