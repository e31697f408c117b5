// Whether a place translates a destination, as nodes do with ClusterIPs.
import { chain, conntrack, Netfilter, rule, setElements } from '@spider/netfilter';
import type { Place } from './place.ts';
import { Ruleset } from './ruleset.ts';

/** A destination that became another. */
export interface Translation {
  readonly place: Place;
  readonly from: string;
  readonly to: string;
  /** How it is known. */
  readonly by: string;
}

/**
 * Undefined where nothing shows that the destination is translated. The rules of iptables-legacy, IPVS and eBPF are out of
 * reach: what they translate shows in the connections that conntrack knows.
 */
export function translate(
  place: Place,
  dst: string,
  port: number,
  hook: 'prerouting' | 'output',
): Translation | undefined {
  try {
    using netfilter = Netfilter.openIn(place.namespace);
    const rules = new Ruleset(netfilter.execute(chain.list()), netfilter.execute(rule.list()), set =>
      netfilter.execute(setElements.list(set)).flatMap(({ elements = [] }) => elements),
    );
    const to = rules.translate({ dst, port }, hook);
    if (to !== undefined && to !== dst) return { place, from: dst, to, by: 'by a rule of nf_tables' };
    const known = netfilter.execute(conntrack.list({ original: { ip: { dst } } }));
    const seen = known.find(({ original }) => original?.proto?.dport === port)?.reply?.ip?.src;
    return seen === undefined || seen === dst
      ? undefined
      : { place, from: dst, to: seen, by: 'as an earlier connection was' };
  } catch {
    // A kernel without nf_tables or conntrack translates nothing.
    return undefined;
  }
}
