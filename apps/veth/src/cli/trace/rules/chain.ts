// The chains of nf_tables, and the order in which the kernel evaluates them at a hook.
import type { Chain } from '@spider/netfilter';
import type { IPFamily } from '@spider/rtnetlink';

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

export interface ChainName {
  readonly family: Chain['family'];
  readonly table?: string | undefined;
  readonly name?: string | undefined;
}

const priorities = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 };
/** Where conntrack translates, whatever the priorities of the chains of type nat: these only have an order among them. */
const natPriorities: Readonly<Record<Hook, number>> = {
  prerouting: priorities.dstnat,
  output: priorities.dstnat,
  forward: 0,
  input: priorities.srcnat,
  postrouting: priorities.srcnat,
};
/** Up to which priority conntrack has not seen a packet yet: NF_IP_PRI_CONNTRACK. */
const conntrackPriorities: Readonly<Partial<Record<Hook, number>>> = { prerouting: -200, output: -200 };
const tablesOf: Readonly<Record<IPFamily, readonly unknown[]>> = { inet: ['ip', 'inet'], inet6: ['ip6', 'inet'] };

/** A chain, and the priority at which it is evaluated. */
export interface Placed extends Chain {
  readonly at: number;
}

/** The chains of a hook in order; those of type nat only if the packet may be translated. */
export function chainsAt(hook: Hook, family: IPFamily, chains: readonly Chain[], mayBeTranslated: boolean): Placed[] {
  return (
    chains
      .filter(chain => chain.hook?.hook === hook && tablesOf[family].includes(chain.family))
      .filter(({ type }) => type !== 'nat' || mayBeTranslated)
      // Of chains with the same priority, the kernel runs first the one that was added last.
      .toReversed()
      .map(chain => ({ ...chain, at: chain.type === 'nat' ? natPriorities[hook] : priorityOf(chain) }))
      .toSorted((one, other) => one.at - other.at || priorityOf(one) - priorityOf(other))
  );
}

/** True if conntrack sees a packet before the chain does. */
export function isAfterConntrack(hook: Hook, { at }: Placed): boolean {
  return at > (conntrackPriorities[hook] ?? Number.NEGATIVE_INFINITY);
}

/** True if conntrack translates a packet back before the chain sees it. */
export function isAfterTranslation(hook: Hook, { at }: Placed): boolean {
  return at > natPriorities[hook];
}

function priorityOf({ hook }: Chain): number {
  return Number(priorities[hook?.priority as keyof typeof priorities] ?? hook?.priority ?? 0);
}

/** As nft(8) names a chain. */
export function textOf({ family, table, name }: ChainName): string {
  return `${family} ${table} ${name}`;
}
