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

/** Removes from the node what is the attachment's alone, as far as its addresses are known. The pair stays for the others. */
export function releaseOnNode(
  node: Rtnetlink,
  { index }: Link,
  attachment: Attachment,
  addressesInPod: readonly string[],
  prevResult: Result | undefined,
): void {
  const addresses = new Set([...addressesIn(prevResult, attachment.ifName), ...addressesInPod]);
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

/** Removes the NIC's part in the pod, and tells the addresses it has there. */
export async function releaseInPod(netns: string, { ifName }: Attachment, extent: Extent): Promise<string[]> {
  using namespace = openNamespace(netns);
  if (!namespace) return [];
  using pod = Rtnetlink.openIn(namespace);
  const rules = pod.execute(rule.list()).filter(found => found.protocol === protocol);
  if (extent.last) {
    const leading = rules.filter(({ table }) => table === replyTable);
    if (leading.length > 0 || extent.replyPath) await removeReplyPath(namespace, pod, leading);
    // What goes with the pair need not be removed.
    if (rules.length === leading.length) return [];
  }
  const nic = pod.execute(link.get({ name: ifName }));
  if (!nic) return [];
  const own = pod
    .execute(address.list({ index: nic.index }))
    .flatMap(({ address: text, scope }) => (text && scope === 'global' ? [text.slice(0, text.indexOf('/'))] : []));
  executeUnlessGone(pod, ownRequests(pod, ownTable(nic.index), rules, new Set(own)));
  return own;
}

/** The rules last: by them the next DEL would know that there is something to remove. */
async function removeReplyPath(namespace: NetNs, pod: Rtnetlink, rules: readonly Rule[]): Promise<void> {
  const { Nftables } = await import('./nftables.ts');
  using nftables = Nftables.openIn(namespace);
  nftables.remove(podEnd);
  executeUnlessGone(pod, rules.map(withdraw));
}

function ownRequests(pod: Rtnetlink, table: number, rules: readonly Rule[], own: ReadonlySet<string>): Request<void>[] {
  const routes = pod
    .execute(route.list())
    .filter(found => found.protocol === protocol)
    .filter(found => found.table === table || (found.prefsrc !== undefined && own.has(found.prefsrc)));
  return [
    ...ownRules(table, rules, own).map(withdraw),
    ...routes.map(({ family, dst, tos, oif, gateway, table, priority, nexthopId }) =>
      // Of a route by a nexthop object the kernel looks for nothing that is the object's.
      route.delete({ family, dst, tos, table, priority, ...(nexthopId === undefined && { oif, gateway }) }),
    ),
  ];
}

/** Those that lead to the NIC's table, and the exceptions to them: those for its LANs, and those for what it sends itself. */
function ownRules(table: number, rules: readonly Rule[], own: ReadonlySet<string>): Rule[] {
  const leading = rules.filter(found => found.table === table);
  const lans = new Set(leading.flatMap(({ priority, dst }) => (priority === lanRulePriority && dst ? [dst] : [])));
  const others = rules.filter(found => found.priority === lanRulePriority && found.table !== table);
  for (const { dst } of others) lans.delete(dst!);
  const exceptions = rules.filter(
    ({ priority, src, dst }) =>
      priority === lanExceptionPriority && (lans.has(dst!) || own.has(src!.slice(0, src!.indexOf('/')))),
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
