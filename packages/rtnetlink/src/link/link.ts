// Links, ip-link(8).
import { attribute } from '../codec/field.ts';
import { message } from '../codec/message.ts';
import type { Path } from '../codec/path.ts';
import type { Input, Output } from '../codec/schema.ts';
import { verbs } from '../request.ts';
import { baseLink, linkParts, restOfLink, usualFields } from './base.ts';
import { asBytes } from './hardware-address.ts';
import { linkInfo } from './info.ts';

/** struct ifinfomsg and its attributes. */
export const linkMessage = message({
  kind: 'link',
  types: { add: 16, delete: 17, get: 18 },
  headerSize: baseLink.headerSize,
  fields: () => ({
    ...usualFields(),
    /** Kind of the link, and the data of that kind. */
    info: attribute(18, linkInfo),
  }),
  rest: restOfLink,
});

/** A link, as the kernel reports it. */
export type Link = Output<typeof linkMessage.fields>;
/** A link, as a request describes it. */
export type LinkInput = Input<typeof linkMessage.fields>;

/** Counters and virtual functions are most of a link's message, and few programs need them (RTEXT_FILTER_SKIP_STATS). */
const withoutStatistics = (link: LinkInput): LinkInput => ({ extMask: linkParts.skipStatistics, ...link });

// The kernel filters a list by these fields only, and by no more of `info` than the kind. It refuses a request that has
// others.
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
  // For a link the kernel refuses NLM_F_REPLACE, which means to delete it and create it again.
  set: object => ({ ...plain.set(object), flags: 0 }),
  delete: plain.delete,
  get: (query, only) => plain.get(withoutStatistics(query), only),
  list: (filter: LinkInput = {}, only?: readonly Path<Link>[]) => plain.list(asBytes(filter), only!),
};
