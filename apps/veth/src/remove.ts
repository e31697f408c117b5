// Takes away what ADD made. The kernel is the database: the host end of a pair bears the names of the attachments that
// it serves, and what stands on either end goes with it.
import type { Result } from '@spider/cni-skel';
import { type Link, link, Rtnetlink } from '@spider/rtnetlink';
import { executeUnlessGone } from './gone.ts';
import { type Attachment, attachmentName, attachmentNames, isOfNetwork, namesOf } from './identity.ts';
import { isPairOf } from './observe.ts';
import { release } from './release.ts';

/** Removes what the attachment has. Finding nothing, in whatever form, is no error. */
export function remove(attachment: Attachment, netns: string | undefined, prevResult: Result | undefined): void {
  using node = Rtnetlink.open();
  const name = attachmentName(attachment);
  const [named, derived] = node.batch([
    link.get({ altName: name }),
    link.get({ name: namesOf(attachment.containerID).hostName }),
  ]);
  if (named) {
    if (attachmentNames(named).length > 1) release(node, named, attachment, netns, prevResult);
    else removePair(node, named);
  }
  // An ADD that was killed left a pair that serves nobody.
  else if (derived && attachmentNames(derived).length === 0 && isPairOf(derived, attachment.containerID))
    removePair(node, derived);
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
