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
  schema,
  string,
} from '@spider/rtnetlink/codec';
import { headerFields, headerSize } from './header.ts';
import { signedBe32 } from './integer.ts';
import { nameSize } from './table.ts';
import { messageType, tableVerbs } from './transaction.ts';

const hook = schema(0, () => ({
  /** NF_INET_*; in tables of other families than `inet`, `ip`, `ip6` and `bridge` the numbers mean something else. */
  hook: attribute(1, named(be32, { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 })),
  /** Lower is earlier. The names are nft(8)'s for `inet`, `ip` and `ip6`. */
  priority: attribute(
    2,
    named(signedBe32, { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 }),
  ),
  /** The interface, in tables of the family `netdev`. */
  dev: attribute(3, string(16)),
  /** The interfaces, where there may be several; the kernel tells a single one as `dev`, too. Linux 5.5. */
  devs: attribute(4 | NLA_F_NESTED, list(1, string(16))),
}));

/** A chain of nf_tables. */
const chainMessage = message({
  kind: 'chain',
  types: { add: messageType(3), get: messageType(4), delete: messageType(5) },
  headerSize,
  fields: () => ({
    ...headerFields(),
    table: attribute(1, string(nameSize)),
    handle: attribute(2, be64),
    name: attribute(3, string(nameSize)),
    /** Where packets enter it; unset in a chain that rules jump to. */
    hook: attribute(4 | NLA_F_NESTED, nest(hook)),
    /** What becomes of packets that no rule decides about. */
    policy: attribute(5, named(be32, { drop: 0, accept: 1 })),
    use: attribute(6, be32),
    /** `filter`, `route`: look up the route again where a packet was changed, or `nat`. */
    type: attribute(7, string(16)),
    /** NFT_CHAIN_*: 1 base chain, 2 in hardware, 4 the kernel's own, of a rule. */
    flags: attribute(10, be32),
  }),
});

/** A chain, as the kernel tells it. */
export type Chain = Output<typeof chainMessage.fields>;
/** A chain to be asked of the kernel. */
export type ChainInput = Input<typeof chainMessage.fields>;

const plain = tableVerbs(chainMessage);

/** Requests about chains (nft(8), CHAINS). `family`, `table` and `name` tell one from another. */
export const chain: Pick<typeof plain, 'add' | 'delete' | 'get' | 'list'> = plain;
