// Takes away what ADD made. The kernel is the database: the pair is found by its name or through the pod, its alias tells
// whose it is, and all that stands on either end goes with it.
import { NetNs } from '@spider/netns';
import { type Link, link, NetlinkError, Rtnetlink } from '@spider/rtnetlink';
import { type Attachment, attachmentOf, isAliasOf, namesOf, podEnd } from './identity.ts';
import { isPairOf } from './observe.ts';

/** Removes what the attachment has. Finding nothing, in whatever form, is no error. */
export function remove(attachment: Attachment, netns: string | undefined): void {
  const node = Rtnetlink.open();
  try {
    const pair = findPair(node, attachment, netns);
    if (pair) removePair(node, pair);
  } finally {
    node.close();
  }
}

/** Removes the pairs of a network's attachments that are not valid any more. */
export function removeStale(network: string, isValid: (attachment: Attachment) => boolean): void {
  const node = Rtnetlink.open();
  try {
    for (const pair of node.execute(link.list())) {
      const attachment = attachmentOf(pair.alias);
      if (attachment?.network === network && !isValid(attachment)) removePair(node, pair);
    }
  } finally {
    node.close();
  }
}

/** The host end of the attachment's pair. A pair that serves another NIC of the pod stays. */
function findPair(node: Rtnetlink, attachment: Attachment, netns: string | undefined): Link | undefined {
  const { containerID } = attachment;
  const byName = node.execute(link.get({ name: namesOf(containerID).hostName }));
  const candidate = byName && isPairOf(byName, containerID) ? byName : netns && throughPod(node, netns);
  if (!candidate) return undefined;
  return candidate.alias === undefined || isAliasOf(candidate.alias, attachment) ? candidate : undefined;
}

/** The host end of the pair that the pod has, under whatever container ID it was made. */
function throughPod(node: Rtnetlink, netns: string): Link | undefined {
  const end = podEndIn(netns);
  if (end?.link === undefined) return undefined;
  const host = node.execute(link.get({ index: end.link }));
  return host?.link === end.index && attachmentOf(host.alias) ? host : undefined;
}

function podEndIn(netns: string): Link | undefined {
  try {
    using namespace = NetNs.open(netns);
    using pod = namespace.run(() => Rtnetlink.open());
    return pod.execute(link.get({ name: podEnd }));
  } catch {
    // Gone, or not a namespace any more: then there is no pod end in it.
    return undefined;
  }
}

function removePair(node: Rtnetlink, { index }: Link): void {
  try {
    node.execute(link.delete({ index }));
  } catch (error) {
    // Went away by itself meanwhile, with the pod's namespace.
    if (!(error instanceof NetlinkError) || error.code !== 'ENODEV') throw error;
  }
}
