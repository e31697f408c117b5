// What DEL removes for one NIC: its routes, rules and neighbours, and for the last NIC what all of them shared.
import { NetNs } from '@spider/netns';
import {
  address,
  altName,
  type Link,
  link,
  type Neighbour,
  neighbour,
  pathsOf,
  type Request,
  type Route,
  Rtnetlink,
  type Rule,
  route,
  rule,
  withoutLength,
} from '@spider/rtnetlink';
import { isOurs, ownTable, podEnd, protocol, replyTable } from '../datapath.ts';
import { type Attachment, attachmentNames, attachmentOf, isHostEnd, isOfContainer } from '../names.ts';
import { type Owner, ownedBy } from '../ownership.ts';
import { executeIgnoringNotFound } from './not-found.ts';

/** Removes what the node has for this NIC only, and its attachments' names. The pair stays for the other NICs. */
export function releaseOnNode(
  node: Rtnetlink,
  { index, linkNetnsid }: Link,
  ifName: string,
  altNames: readonly string[],
): void {
  const [neighbours, routes] = node.batch([neighbour.list({ index }), route.list({ oif: index })]);
  // The kernel lists the pod's addresses by the namespace's number, so no path to it is needed.
  const others = linkNetnsid === undefined ? undefined : otherAddresses(node, ifName, linkNetnsid);
  const isOwn = (found: Neighbour | Route) =>
    isOurs(found) && found.dst !== undefined && others !== undefined && !others.has(withoutLength(found.dst));
  executeIgnoringNotFound(node, [
    ...routes.filter(isOwn).map(({ dst, table }) => route.delete({ dst, oif: index, table, protocol })),
    ...neighbours.filter(isOwn).map(({ dst }) => neighbour.delete({ dst, index })),
    ...altNames.map(name => altName.delete({ index, altNames: [name] })),
  ]);
}

/** The addresses of all other links in a pod. What the node has for any other address is, or was, for this NIC. */
function otherAddresses(socket: Rtnetlink, ifName: string, targetNetnsid?: number): Set<string> {
  const target = targetNetnsid === undefined ? {} : { targetNetnsid };
  const nic = socket.execute(link.get({ name: ifName, ...target }, ['index']));
  const found = socket.execute(address.list(target)).filter(({ index }) => index !== nic?.index);
  return new Set(found.map(({ address }) => withoutLength(address!)));
}

/** How much is removed from the pod. */
export interface Extent {
  /** The NIC is the last one, so what all of them shared is removed too. */
  readonly last: boolean;
  /** The configuration asks for a path for replies. */
  readonly replyPath: boolean;
}

/** Removes the NIC's routes and rules from the pod. */
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
    // Routes through the pair are deleted with it.
    if (rules.length === leading.length) return;
  }
  const all = pod.execute(route.list());
  const routes = all.filter(isOurs);
  const part = ownedBy(ownerOf(pod, ifName), { routes, rules });
  executeIgnoringNotFound(pod, [...part.rules.map(deleteRule), ...part.routes.flatMap(deleteRoute)]);
  const left = rules.filter(found => found.table !== replyTable && !part.rules.includes(found));
  if (!extent.last || left.length === 0) return;
  const { returnRoutes } = await import('./return-routes.ts');
  returnRoutes(pod, left, all);
  executeIgnoringNotFound(pod, left.map(deleteRule));
}

/** True if the path now leads to a new sandbox, whose objects belong to its own attachment. */
function isOfAnother(node: Rtnetlink, pod: Rtnetlink, { containerID, ifName }: Attachment): boolean {
  const end = pod.execute(link.get({ name: podEnd }, ['link']));
  const host = end && node.execute(link.get({ index: end.link }, ['name', 'alias', 'info', 'altNames']));
  if (!host || !isHostEnd(host)) return false;
  const names = attachmentNames(host).filter(name => attachmentOf(name).ifName === ifName);
  return names.length > 0 && !names.some(name => isOfContainer(name, containerID));
}

/** The NIC may have been deleted before its DEL, so everything belongs to it that does not belong to another link. */
function ownerOf(pod: Rtnetlink, ifName: string): Owner {
  const addresses = otherAddresses(pod, ifName);
  const others = pod.execute(link.list()).filter(({ name }) => name !== ifName);
  const tables = new Set(others.map(({ index }) => ownTable(index)));
  return {
    ownsAddress: text => !addresses.has(text ?? ''),
    ownsTable: table => table > replyTable && !tables.has(table),
  };
}

/** Deletes the rules last: if this DEL is killed, they tell the next one that there is something left. */
async function removeReplyPath(namespace: NetNs, pod: Rtnetlink, rules: readonly Rule[]): Promise<void> {
  const { Nftables } = await import('../nftables.ts');
  using nftables = Nftables.openIn(namespace);
  nftables.remove(podEnd);
  executeIgnoringNotFound(pod, rules.map(deleteRule));
}

/** With our protocol number, as in the next function: there may be another object that differs only in that. */
function deleteRoute(found: Route): Request<void>[] {
  const { family, dst, tos, oif, gateway, table, priority, nexthopId } = found;
  const key = { family, dst, tos, table, priority, protocol };
  // The kernel finds no route with a nexthop object by attributes that come from the object.
  if (nexthopId !== undefined) return [route.delete(key)];
  // IPv6 routes with one key are reported as paths of one, with the protocol of the first. Without a path, all are deleted.
  const paths = family === 'inet6' ? pathsOf(found) : [{ oif, gateway }];
  return paths.map(({ oif, gateway }) => route.delete({ ...key, oif, gateway }));
}

function deleteRule({ family, src, dst, mark, mask, priority, table }: Rule): Request<void> {
  return rule.delete({ family, src, dst, mark, mask, priority, table, protocol });
}

/** Undefined if the namespace is gone, and with it everything that was in it. */
function openNamespace(netns: string): NetNs | undefined {
  try {
    return NetNs.open(netns);
  } catch {
    return undefined;
  }
}
