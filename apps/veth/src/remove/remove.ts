// Takes away what ADD made. The kernel is the database: the host end of a pair bears the names of the attachments that
// it serves, and what stands on either end goes with it.
import { type Link, link, Rtnetlink } from '@spider/rtnetlink';
import {
  type Attachment,
  attachmentName,
  attachmentNames,
  attachmentOf,
  isHostEnd,
  isNameOf,
  isOfNetwork,
  namesOf,
} from '../names.ts';
import { isPairOf } from '../observe/pair.ts';
import { removeIfPresent } from './not-found.ts';
import { releaseInPod, releaseOnNode } from './release.ts';

/** What DEL may know beside the names of the attachment. */
export interface Hints {
  readonly netns: string | undefined;
  /** The configuration asks for a path for replies. */
  readonly replyPath: boolean;
}

/** Removes what the attachment has. Finding nothing, in whatever form, is no error. */
export async function remove(attachment: Attachment, { netns, replyPath }: Hints): Promise<void> {
  using node = Rtnetlink.open();
  const name = attachmentName(attachment);
  const [named, derived] = node.batch([
    link.get({ altName: name }),
    link.get({ name: namesOf(attachment.containerID).hostName }),
  ]);
  // An ADD that was killed left no name.
  const pair = [named, derived].find(found => found && isHostEnd(found) && isPairOf(found, attachment.containerID));
  const own = pair ? attachmentNames(pair).filter(known => isNameOf(known, attachment)) : [];
  const last = pair !== undefined && attachmentNames(pair).length === own.length;
  if (netns) await releaseInPod(node, netns, attachment, { last, replyPath });
  if (!pair) return;
  if (last) removePair(node, pair);
  else releaseOnNode(node, pair, attachment.ifName, own);
}

/**
 * Removes what the attachments to the network have that are not valid any more, from pods that live on too. Goes on past
 * what fails (SPEC section 2, GC).
 * @throws Error that names all attachments of which something stays
 */
export async function removeStale(
  network: string,
  valid: readonly Attachment[],
  { replyPath }: Pick<Hints, 'replyPath'>,
): Promise<void> {
  const kept = new Set(valid.map(attachmentName));
  using node = Rtnetlink.open();
  const stale = attachmentsOn(node).filter(({ name }) => isOfNetwork(name, network) && !kept.has(name));
  if (stale.length === 0) return;
  const { pathsByNsid } = await import('../namespaces.ts');
  const paths = pathsByNsid(node);
  const failures: string[] = [];
  for (const { name, pod } of stale)
    try {
      const netns = pod === undefined ? undefined : paths.get(pod);
      await remove(attachmentOf(name), { netns, replyPath });
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** The names of all attachments, each with the number by which the node knows its pod's namespace. */
function attachmentsOn(node: Rtnetlink): { readonly name: string; readonly pod: number | undefined }[] {
  return node
    .execute(link.list())
    .filter(isHostEnd)
    .flatMap(pair => attachmentNames(pair).map(name => ({ name, pod: pair.linkNetnsid })));
}

/** Everything on either end goes with the pair. */
function removePair(node: Rtnetlink, { index }: Link): void {
  removeIfPresent(node, [link.delete({ index })]);
}
