// Chains: NFTA_CHAIN_* and NFTA_HOOK_* of <linux/netfilter/nf_tables.h>, nft(8).
import {
  attribute,
  be32,
  be64,
  type Input,
  list,
  message,
  NLA_F_NESTED,
  named,
  nest,
  type Output,
  sbe32,
  schema,
  string,
} from '@spider/rtnetlink/codec';
import { headerFields, headerSize } from './header.ts';
import { nameSize } from './table.ts';
import { messageType, tableVerbs } from './transaction.ts';

const hook = schema(0, () => ({
  /**
   * Number of the hook, NF_INET_*. In tables of other families than `inet`, `ip`, `ip6` and `bridge` the numbers have
   * other meanings.
   */
  hook: attribute(1, named(be32, { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 })),
  /** Chains of a hook run in ascending order. The names are those of nft(8) for `inet`, `ip` and `ip6`. */
  priority: attribute(2, named(sbe32, { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 })),
  /** Name of the interface, in tables of the family `netdev`. Up to 15 bytes. */
  dev: attribute(3, string(16)),
  /** Names of several interfaces. The kernel reports a single one as `dev` too. Linux 5.5. */
  devs: attribute(4 | NLA_F_NESTED, list(1, string(16))),
}));

/** A chain of nf_tables. */
const chainMessage = message({
  kind: 'chain',
  types: { add: messageType(3), get: messageType(4), delete: messageType(5) },
  headerSize,
  fields: () => ({
    ...headerFields(),
    /** Name of its table. */
    table: attribute(1, string(nameSize)),
    /** Number of the chain, assigned by the kernel. */
    handle: attribute(2, be64),
    /** Name of the chain. */
    name: attribute(3, string(nameSize)),
    /** Where packets enter the chain; unset for a chain that rules jump to. */
    hook: attribute(4 | NLA_F_NESTED, nest(hook)),
    /** Verdict for packets that reach the end of the chain. */
    policy: attribute(5, named(be32, { drop: 0, accept: 1 })),
    /** Number of references to the chain, including its rules. Set by the kernel. */
    use: attribute(6, be32),
    /** `filter`; `nat`; or `route`, which repeats the route look-up for packets that were changed. */
    type: attribute(7, string(16)),
    /** NFT_CHAIN_*: 1 base chain, 2 offloaded to hardware, 4 part of a rule, created by the kernel. */
    flags: attribute(10, be32),
  }),
});

/** A chain, as the kernel reports it. */
export type Chain = Output<typeof chainMessage.fields>;
/** A chain, as a request describes it. */
export type ChainInput = Input<typeof chainMessage.fields>;

const plain = tableVerbs(chainMessage);

/** Requests about chains (nft(8), CHAINS). A chain is identified by `family`, `table` and `name`. */
export const chain: Pick<typeof plain, 'add' | 'delete' | 'get' | 'list'> = plain;
