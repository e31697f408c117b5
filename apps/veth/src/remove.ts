// Takes away what ADD made. The kernel is the database: the host end of a pair bears the names of the attachments that
// it serves, and what stands on either end goes with it.
import type { Result } from '@spider/cni-skel';
import { type Link, link, Rtnetlink } from '@spider/rtnetlink';
import { executeUnlessGone } from './gone.ts';
import { type Attachment, attachmentName, attachmentNames, isOfNetwork, namesOf } from './identity.ts';
import { isPairOf } from './observe.ts';
import { releaseInPod, releaseOnNode } from './release.ts';

/** What DEL may know beside the names of the attachment. */
export interface Hints {
  readonly netns: string | undefined;
  readonly prevResult: Result | undefined;
  /** The configuration asks for a path for replies. */
  readonly replyPath: boolean;
}

/** Removes what the attachment has. Finding nothing, in whatever form, is no error. */
export async function remove(attachment: Attachment, { netns, prevResult, replyPath }: Hints): Promise<void> {
  using node = Rtnetlink.open();
  const name = attachmentName(attachment);
  const [named, derived] = node.batch([
    link.get({ altName: name }),
    link.get({ name: namesOf(attachment.containerID).hostName }),
  ]);
  // An ADD that was killed left a pair that serves nobody.
  const unnamed = derived && attachmentNames(derived).length === 0 && isPairOf(derived, attachment.containerID);
  const pair = named ?? (unnamed ? derived : undefined);
  if (!pair) return;
  const last = attachmentNames(pair).length <= 1;
  const addresses = netns ? await releaseInPod(netns, attachment, { last, replyPath }) : [];
  if (last) removePair(node, pair);
  else releaseOnNode(node, pair, attachment, addresses, prevResult);
}

/** Removes the pairs that serve only attachments to the network that are not valid any more. */
export function removeStale(network: string, valid: readonly Attachment[]): void {
  using node = Rtnetlink.open();
  const kept = new Set(valid.map(attachmentName));
  for (const candidate of node.execute(link.list())) {
    const names = attachmentNames(candidate);
    if (names.length > 0 && names.every(name => isOfNetwork(name, network) && !kept.has(name)))
      removePair(node, candidate);
  }
}

/** Everything on either end goes with the pair. */
function removePair(node: Rtnetlink, { index }: Link): void {
  executeUnlessGone(node, [link.delete({ index })]);
}
