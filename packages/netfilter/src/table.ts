// Tables: NFTA_TABLE_* of <linux/netfilter/nf_tables.h>, nft(8).
import type { Request } from '@spider/rtnetlink';
import { attribute, be32, be64, type Input, message, type Output, string } from '@spider/rtnetlink/codec';
import { headerFields, headerSize } from './header.ts';
import { messageType, tableVerbs } from './transaction.ts';

/** Maximum size in bytes of the name of a table, chain or set, including the NUL at its end (NFT_NAME_MAXLEN). */
export const nameSize = 256;

/** A table of nf_tables. */
const tableMessage = message({
  kind: 'table',
  types: { add: messageType(0), get: messageType(1), delete: messageType(2) },
  headerSize,
  fields: () => ({
    ...headerFields(),
    /** Name of the table. */
    name: attribute(1, string(nameSize)),
    /** NFT_TABLE_F_*: 1 dormant, 2 owned by the socket that created it, and deleted when that is closed. */
    flags: attribute(2, be32),
    /** Number of chains, sets and other objects in the table. Set by the kernel. */
    use: attribute(3, be32),
    /** Number of the table, assigned by the kernel. */
    handle: attribute(4, be64),
  }),
});

/** A table, as the kernel reports it. */
export type Table = Output<typeof tableMessage.fields>;
/** A table, as a request describes it. */
export type TableInput = Input<typeof tableMessage.fields>;

const plain = tableVerbs(tableMessage);

/** Requests about tables (nft(8), TABLES). A table is identified by `family` and `name`. */
export const table: Pick<typeof plain, 'add' | 'delete' | 'get' | 'list'> & {
  /** Creates the table if it does not exist. */
  ensure(table: TableInput): Request<void>;
} = {
  add: plain.add,
  delete: plain.delete,
  get: plain.get,
  list: plain.list,
  ensure: plain.append,
};
