// What DEL takes away of one NIC: its own routes, rules and neighbours, and with the last NIC what all of them shared.
import type { Result } from '@spider/cni-skel';
import { NetNs } from '@spider/netns';
import {
  address,
  altName,
  type Link,
  link,
  mainTable,
  neighbour,
  type Request,
  Rtnetlink,
  type Rule,
  route,
  rule,
} from '@spider/rtnetlink';
import { executeUnlessGone } from './gone.ts';
import {
  type Attachment,
  attachmentName,
  lanExceptionPriority,
  lanRulePriority,
  ownTable,
  podEnd,
  protocol,
  replyTable,
} from './identity.ts';
import { hostPrefix } from './plan/prefix.ts';

/** Whether an address is, or was, that of the NIC. */
export type Owns = (address: string | undefined) => boolean;

/** Removes from the node what is the attachment's alone, as far as its addresses are known. The pair stays for the others. */
export function releaseOnNode(
  node: Rtnetlink,
  { index }: Link,
  attachment: Attachment,
  owns: Owns,
  prevResult: Result | undefined,
): void {
  const served = node.execute(neighbour.list({ index })).filter(found => found.protocol === protocol);
  const addresses = new Set([
    ...addressesIn(prevResult, attachment.ifName),
    ...served.flatMap(({ dst }) => (dst !== undefined && owns(dst) ? [dst] : [])),
  ]);
  executeUnlessGone(node, [
    ...[...addresses].flatMap(dst => [
      route.delete({ dst: hostPrefix(dst), oif: index, table: mainTable, protocol }),
      neighbour.delete({ dst, index }),
    ]),
    altName.delete({ index, altNames: [attachmentName(attachment)] }),
  ]);
}

function addressesIn(prevResult: Result | undefined, ifName: string): string[] {
  const { interfaces = [], ips = [] } = prevResult ?? {};
  return ips.flatMap(({ address, interface: index }) => {
    const owner = index === undefined ? undefined : interfaces[index];
    return owner?.name === ifName && owner.sandbox ? [address.slice(0, address.indexOf('/'))] : [];
  });
}

/** What of the pod's part goes. */
export interface Extent {
  /** The NIC is the last: what all of them share goes too. */
  readonly last: boolean;
  /** The configuration asks for a path for replies. */
  readonly replyPath: boolean;
}

/** Removes the NIC's part in the pod, and tells which addresses are the NIC's. */
export async function releaseInPod(netns: string, { ifName }: Attachment, extent: Extent): Promise<Owns> {
  using namespace = openNamespace(netns);
  if (!namespace) return () => false;
  using pod = Rtnetlink.openIn(namespace);
  const rules = pod.execute(rule.list()).filter(found => found.protocol === protocol);
  if (extent.last) {
    const leading = rules.filter(({ table }) => table === replyTable);
    if (leading.length > 0 || extent.replyPath) await removeReplyPath(namespace, pod, leading);
    // What goes with the pair need not be removed.
    if (rules.length === leading.length) return () => false;
  }
  const part = partOf(pod, ifName);
  executeUnlessGone(pod, ownRequests(pod, part, rules));
  return part.ownsAddress;
}

/** How to tell what of the pod's is the NIC's. */
interface Part {
  readonly ownsAddress: Owns;
  readonly ownsTable: (table: number) => boolean;
}

/** Of a NIC that was deleted before its DEL nothing tells but that it is nobody else's. */
function partOf(pod: Rtnetlink, ifName: string): Part {
  const links = pod.execute(link.list());
  const nic = links.find(({ name }) => name === ifName);
  const found = pod.execute(address.list(nic && { index: nic.index, scope: 'global' }));
  const addresses = new Set(found.map(({ address: text }) => text?.slice(0, text.indexOf('/'))));
  const tables = new Set((nic ? [nic] : links).map(({ index }) => ownTable(index)));
  return nic
    ? { ownsAddress: text => text !== undefined && addresses.has(text), ownsTable: table => tables.has(table) }
    : { ownsAddress: text => !addresses.has(text), ownsTable: table => table > replyTable && !tables.has(table) };
}

/** The rules last: by them the next DEL would know that there is something to remove. */
async function removeReplyPath(namespace: NetNs, pod: Rtnetlink, rules: readonly Rule[]): Promise<void> {
  const { Nftables } = await import('./nftables.ts');
  using nftables = Nftables.openIn(namespace);
  nftables.remove(podEnd);
  executeUnlessGone(pod, rules.map(withdraw));
}

function ownRequests(pod: Rtnetlink, part: Part, rules: readonly Rule[]): Request<void>[] {
  const routes = pod
    .execute(route.list())
    .filter(found => found.protocol === protocol)
    // In main ours have a source, unless it went with the NIC: the kernel takes it out of IPv6 routes.
    .filter(({ table, prefsrc }) => {
      const named = prefsrc !== undefined || table === mainTable;
      return part.ownsTable(table) || (named && part.ownsAddress(prefsrc));
    });
  return [
    ...ownRules(part, rules).map(withdraw),
    ...routes.map(({ family, dst, tos, oif, gateway, table, priority, nexthopId }) =>
      // Of a route by a nexthop object the kernel looks for nothing that is the object's.
      route.delete({ family, dst, tos, table, priority, ...(nexthopId === undefined && { oif, gateway }) }),
    ),
  ];
}

/** Those that lead to the NIC's table, and the exceptions to them: those for its LANs, and those for what it sends itself. */
function ownRules({ ownsTable, ownsAddress }: Part, rules: readonly Rule[]): Rule[] {
  const leading = rules.filter(({ table }) => ownsTable(table));
  const lans = new Set(leading.flatMap(({ priority, dst }) => (priority === lanRulePriority && dst ? [dst] : [])));
  const others = rules.filter(({ priority, table }) => priority === lanRulePriority && !ownsTable(table));
  for (const { dst } of others) lans.delete(dst!);
  const exceptions = rules.filter(
    ({ priority, src, dst }) =>
      priority === lanExceptionPriority && (lans.has(dst!) || ownsAddress(src!.slice(0, src!.indexOf('/')))),
  );
  return [...leading, ...exceptions];
}

function withdraw({ family, src, dst, mark, mask, priority, table }: Rule): Request<void> {
  return rule.delete({ family, src, dst, mark, mask, priority, table });
}

/** Undefined where the namespace is gone: then so is all that was in it. */
function openNamespace(netns: string): NetNs | undefined {
  try {
    return NetNs.open(netns);
  } catch {
    return undefined;
  }
}
