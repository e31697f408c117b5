// DEL of one NIC of a pod that has more: its own routes, rules and neighbours go, the pair stays for the others.
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
  route,
  rule,
} from '@spider/rtnetlink';
import { executeUnlessGone } from './gone.ts';
import { type Attachment, attachmentName, ownTable, protocol } from './identity.ts';
import { hostPrefix } from './plan/prefix.ts';

/** Removes what is the attachment's alone, as far as its addresses are known: from the pod, and from the last result. */
export function release(
  node: Rtnetlink,
  { index }: Link,
  attachment: Attachment,
  netns: string | undefined,
  prevResult: Result | undefined,
): void {
  const addresses = new Set([
    ...addressesIn(prevResult, attachment.ifName),
    ...(netns ? releaseInPod(netns, attachment) : []),
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

/** Removes the NIC's part in the pod, and tells the addresses it has there. */
function releaseInPod(netns: string, { ifName }: Attachment): string[] {
  const pod = openPod(netns);
  if (!pod) return [];
  try {
    const nic = pod.execute(link.get({ name: ifName }));
    if (!nic) return [];
    const [addresses] = pod.batch([address.list({ index: nic.index })]);
    const own = addresses.flatMap(({ address: text, scope }) =>
      text && scope === 'global' ? [text.slice(0, text.indexOf('/'))] : [],
    );
    executeUnlessGone(pod, podRequests(pod, nic.index, new Set(own)));
    return own;
  } finally {
    pod.close();
  }
}

function podRequests(pod: Rtnetlink, nicIndex: number, own: ReadonlySet<string>): Request<void>[] {
  const table = ownTable(nicIndex);
  const rules = pod.execute(rule.list()).filter(found => found.protocol === protocol && found.table === table);
  const routes = pod
    .execute(route.list())
    .filter(found => found.protocol === protocol)
    .filter(found => found.table === table || (found.prefsrc !== undefined && own.has(found.prefsrc)));
  return [
    ...rules.map(({ family, src, priority, table }) => rule.delete({ family, src, priority, table })),
    ...routes.map(({ family, dst, oif, gateway, table, priority }) =>
      route.delete({ family, dst, oif, gateway, table, priority }),
    ),
  ];
}

/** Undefined where the namespace is gone: then so is all that was in it. */
function openPod(netns: string): Rtnetlink | undefined {
  try {
    using namespace = NetNs.open(netns);
    return Rtnetlink.openIn(namespace);
  } catch {
    return undefined;
  }
}
