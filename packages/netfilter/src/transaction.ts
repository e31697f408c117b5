// nf_tables accepts changes in transactions only: NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END of
// <linux/netfilter/nfnetlink.h>.
import { type Request, type Transaction, verbs } from '@spider/rtnetlink';
import { type Fields, type Input, type Message, message } from '@spider/rtnetlink/codec';
import { headerFields, headerSize } from './header.ts';

const NFNL_SUBSYS_NFTABLES = 10;

const bound = verbs(
  message({ kind: 'transaction', types: { add: 16, delete: 17, get: 0 }, headerSize, fields: headerFields }),
);

/** Adjacent changes in a batch are one transaction, like the lines of a file for nft(8). */
const transaction: Transaction = {
  begin: { ...bound.add({ resource: NFNL_SUBSYS_NFTABLES }), flags: 0 },
  end: bound.delete({ resource: NFNL_SUBSYS_NFTABLES }),
};

type Change<F extends Fields> = (object: Input<F>) => Request<void>;

/** The requests about a kind of object of nf_tables: NFT_MSG_*. */
export function tableVerbs<F extends Fields>(kind: Message<F>) {
  const plain = verbs(kind);
  const change =
    (ask: Change<F>): Change<F> =>
    object => ({ ...ask(object), transaction });
  return {
    ...plain,
    /** Creates the object; EEXIST if it exists. */
    add: change(plain.add),
    replace: change(plain.replace),
    /** Creates the object, or adds it at the end. */
    append: change(plain.append),
    set: change(plain.set),
    /** Deletes the object; ENOENT if there is none. */
    delete: change(plain.delete),
  };
}

/** The message type of NFT_MSG_*. */
export function messageType(number: number): number {
  return (NFNL_SUBSYS_NFTABLES << 8) | number;
}
