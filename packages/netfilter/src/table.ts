// Tables: NFTA_TABLE_* of <linux/netfilter/nf_tables.h>, nft(8).
import type { Request } from '@spider/rtnetlink';
import { attribute, be32, be64, type Input, message, type Output, string } from '@spider/rtnetlink/codec';
import { headerFields, headerSize } from './header.ts';
import { messageType, tableVerbs } from './transaction.ts';

/** The longest name of a table, chain or set, with the NUL at its end (NFT_NAME_MAXLEN). */
export const nameSize = 256;

/** A table of nf_tables. */
const tableMessage = message({
  kind: 'table',
  types: { add: messageType(0), get: messageType(1), delete: messageType(2) },
  headerSize,
  fields: () => ({
    ...headerFields(),
    name: attribute(1, string(nameSize)),
    /** NFT_TABLE_F_*: 1 dormant, 2 owned by the socket that made it, and gone with it. */
    flags: attribute(2, be32),
    /** Chains, sets and other objects in it. */
    use: attribute(3, be32),
    handle: attribute(4, be64),
  }),
});

/** A table, as the kernel tells it. */
export type Table = Output<typeof tableMessage.fields>;
/** A table to be asked of the kernel. */
export type TableInput = Input<typeof tableMessage.fields>;

const plain = tableVerbs(tableMessage);

/** Requests about tables (nft(8), TABLES). `family` and `name` tell one from another. */
export const table: Pick<typeof plain, 'add' | 'delete' | 'get' | 'list'> & {
  /** Creates the table unless it exists. */
  ensure(table: TableInput): Request<void>;
} = {
  add: plain.add,
  delete: plain.delete,
  get: plain.get,
  list: plain.list,
  ensure: plain.append,
};
