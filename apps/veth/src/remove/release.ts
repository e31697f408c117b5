// What DEL takes away of one NIC: its own routes, rules and neighbours, and with the last NIC what all of them shared.
import { NetNs } from '@spider/netns';
import {
  address,
  altName,
  type Link,
  link,
  type Neighbour,
  neighbour,
  type Request,
  type Route,
  Rtnetlink,
  type Rule,
  route,
  rule,
} from '@spider/rtnetlink';
import { isOurs, ownTable, podEnd, protocol, replyTable } from '../datapath.ts';
import { type Attachment, attachmentNames, attachmentOf, isHostEnd, isOfContainer } from '../names.ts';
import { type Owner, ownedBy } from '../ownership.ts';
import { bare } from '../prefix.ts';
import { removeIfPresent } from './not-found.ts';

/** Removes from the node what is the NIC's alone, and its names. The pair stays for the others. */
export function releaseOnNode(
  node: Rtnetlink,
  { index, linkNetnsid }: Link,
  ifName: string,
  altNames: readonly string[],
): void {
  const [neighbours, routes] = node.batch([neighbour.list({ index }), route.list({ oif: index })]);
  // The kernel tells of the pod by its number, be there a path to it or not.
  const others = linkNetnsid === undefined ? undefined : otherAddresses(node, ifName, linkNetnsid);
  const isOwn = (found: Neighbour | Route) =>
    isOurs(found) && found.dst !== undefined && others !== undefined && !others.has(bare(found.dst));
  removeIfPresent(node, [
    ...routes.filter(isOwn).map(({ dst, table }) => route.delete({ dst, oif: index, table, protocol })),
    ...neighbours.filter(isOwn).map(({ dst }) => neighbour.delete({ dst, index })),
    ...altNames.map(name => altName.delete({ index, altNames: [name] })),
  ]);
}

/** The addresses of all other links in a pod: what the node has for any other is the NIC's, or was. */
function otherAddresses(socket: Rtnetlink, ifName: string, targetNetnsid?: number): Set<string> {
  const target = targetNetnsid === undefined ? {} : { targetNetnsid };
  const nic = socket.execute(link.get({ name: ifName, ...target }, ['index']));
  const found = socket.execute(address.list(target)).filter(({ index }) => index !== nic?.index);
  return new Set(found.map(({ address }) => bare(address!)));
}

/** What of the pod's part goes. */
export interface Extent {
  /** The NIC is the last: what all of them share goes too. */
  readonly last: boolean;
  /** The configuration asks for a path for replies. */
  readonly replyPath: boolean;
}

/** Removes the NIC's part in the pod. */
export async function releaseInPod(
  node: Rtnetlink,
  netns: string,
  attachment: Attachment,
  extent: Extent,
): Promise<void> {
  using namespace = openNamespace(netns);
  if (!namespace) return;
  using pod = Rtnetlink.openIn(namespace);
  if (isOfAnother(node, pod, attachment)) return;
  const { ifName } = attachment;
  const rules = pod.execute(rule.list()).filter(isOurs);
  if (extent.last) {
    const leading = rules.filter(({ table }) => table === replyTable);
    if (leading.length > 0 || extent.replyPath) await removeReplyPath(namespace, pod, leading);
    // What goes with the pair need not be removed.
    if (rules.length === leading.length) return;
  }
  const all = pod.execute(route.list());
  const routes = all.filter(isOurs);
  const part = ownedBy(ownerOf(pod, ifName), { routes, rules });
  removeIfPresent(pod, [...part.rules.map(withdraw), ...part.routes.map(remove)]);
  const left = rules.filter(found => found.table !== replyTable && !part.rules.includes(found));
  if (!extent.last || left.length === 0) return;
  const { returnRoutes } = await import('./returning.ts');
  returnRoutes(pod, left, all);
  removeIfPresent(pod, left.map(withdraw));
}

/** True where a new sandbox has the path of the old one by now: what is in it is that of its own attachment. */
function isOfAnother(node: Rtnetlink, pod: Rtnetlink, { containerID, ifName }: Attachment): boolean {
  const end = pod.execute(link.get({ name: podEnd }, ['link']));
  const host = end && node.execute(link.get({ index: end.link }, ['name', 'alias', 'info', 'altNames']));
  if (!host || !isHostEnd(host)) return false;
  const names = attachmentNames(host).filter(name => attachmentOf(name).ifName === ifName);
  return names.length > 0 && !names.some(name => isOfContainer(name, containerID));
}

/** Of a NIC that was deleted before its DEL nothing tells but that it is nobody else's. */
function ownerOf(pod: Rtnetlink, ifName: string): Owner {
  const addresses = otherAddresses(pod, ifName);
  const others = pod.execute(link.list()).filter(({ name }) => name !== ifName);
  const tables = new Set(others.map(({ index }) => ownTable(index)));
  return {
    ownsAddress: text => !addresses.has(text ?? ''),
    ownsTable: table => table > replyTable && !tables.has(table),
  };
}

/** The rules last: by them the next DEL would know that there is something to remove. */
async function removeReplyPath(namespace: NetNs, pod: Rtnetlink, rules: readonly Rule[]): Promise<void> {
  const { Nftables } = await import('../nftables.ts');
  using nftables = Nftables.openIn(namespace);
  nftables.remove(podEnd);
  removeIfPresent(pod, rules.map(withdraw));
}

/** By our number too, as is the next: another may be there that is the same but for that. */
function remove({ family, dst, tos, oif, gateway, table, priority, nexthopId }: Route): Request<void> {
  // Of a route by a nexthop object the kernel looks for nothing that is the object's.
  return route.delete({
    family,
    dst,
    tos,
    table,
    priority,
    protocol,
    ...(nexthopId === undefined && { oif, gateway }),
  });
}

function withdraw({ family, src, dst, mark, mask, priority, table }: Rule): Request<void> {
  return rule.delete({ family, src, dst, mark, mask, priority, table, protocol });
}

/** Undefined where the namespace is gone: then so is all that was in it. */
function openNamespace(netns: string): NetNs | undefined {
  try {
    return NetNs.open(netns);
  } catch {
    return undefined;
  }
}
