// DEL and GC: remove what ADD made. No state is stored: the host end of a pair has the names of its attachments, and
// everything on either end is deleted with the pair.
import { link, Rtnetlink } from '@spider/rtnetlink';
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
import { executeIgnoringNotFound } from './not-found.ts';
import { releaseInPod, releaseOnNode } from './release.ts';

/** What DEL may know besides the attachment. */
export interface Hints {
  readonly netns: string | undefined;
  /** The configuration has a reply path. */
  readonly replyPath: boolean;
}

/** Removes everything of the attachment. It is no error if there is nothing. */
export async function remove(attachment: Attachment, { netns, replyPath }: Hints): Promise<void> {
  using node = Rtnetlink.open();
  const name = attachmentName(attachment);
  const [named, derived] = node.batch([
    link.get({ altName: name }),
    link.get({ name: namesOf(attachment.containerID).hostName }),
  ]);
  // A killed ADD may have left a pair without a name.
  const pair = [named, derived].find(found => found && isHostEnd(found) && isPairOf(found, attachment.containerID));
  const own = pair ? attachmentNames(pair).filter(known => isNameOf(known, attachment)) : [];
  const last = pair !== undefined && attachmentNames(pair).length === own.length;
  if (netns) await releaseInPod(node, netns, attachment, { last, replyPath });
  if (!pair) return;
  if (last) executeIgnoringNotFound(node, [link.delete({ index: pair.index })]);
  else releaseOnNode(node, pair, attachment.ifName, own);
}

/**
 * Removes all attachments to the network that are not valid any more, also from pods that still exist. Continues after
 * failures (SPEC section 2, GC).
 * @throws Error that names all attachments that could not be removed completely
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

/** The names of all attachments, each with the number of its pod's namespace. */
function attachmentsOn(node: Rtnetlink): { readonly name: string; readonly pod: number | undefined }[] {
  return node
    .execute(link.list())
    .filter(isHostEnd)
    .flatMap(pair => attachmentNames(pair).map(name => ({ name, pod: pair.linkNetnsid })));
}
