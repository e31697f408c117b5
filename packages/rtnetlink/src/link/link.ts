// Links, ip-link(8).
import { attribute } from '../codec/field.ts';
import { message } from '../codec/message.ts';
import type { Input, Output } from '../codec/schema.ts';
import { verbs } from '../request.ts';
import { baseLink, linkParts, restOfLink, usualFields } from './base.ts';
import { linkInfo } from './info.ts';

/** struct ifinfomsg and its attributes. */
export const linkMessage = message({
  kind: 'link',
  types: { add: 16, delete: 17, get: 18 },
  headerSize: baseLink.headerSize,
  fields: () => ({ ...usualFields(), info: attribute(18, linkInfo) }),
  rest: restOfLink,
});

/** A link, as the kernel tells it. */
export type Link = Output<typeof linkMessage.fields>;
/** A link to be asked of the kernel. */
export type LinkInput = Input<typeof linkMessage.fields>;

/** Counters and virtual functions are the bulk of a link's message and wanted by few (RTEXT_FILTER_SKIP_STATS). */
const withoutStatistics = (link: LinkInput): LinkInput => ({ extMask: linkParts.skipStatistics, ...link });

// The kernel lists by these, and of what a link is, by its kind alone; it refuses other questions.
const plain = verbs(linkMessage, ({ family, master, info, targetNetnsid, extMask }) => ({
  family,
  extMask: extMask ?? linkParts.skipStatistics,
  master,
  info: info?.kind === undefined ? undefined : { kind: info.kind },
  targetNetnsid,
}));

/** Requests about links (ip-link(8)). */
export const link: Pick<typeof plain, 'add' | 'set' | 'delete' | 'get' | 'list'> = {
  add: plain.add,
  // Here the kernel reads "replace" as: remove it and make it anew, and refuses.
  set: object => ({ ...plain.set(object), flags: 0 }),
  delete: plain.delete,
  get: (query, only) => plain.get(withoutStatistics(query), only),
  list: plain.list,
};
