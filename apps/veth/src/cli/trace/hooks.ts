// Shows a packet to the rules of a place, at each of the points where netfilter does.
import { chain, conntrack, Netfilter, rule, setElements } from '@spider/netfilter';
import { type Packet, wayTo } from './lookup.ts';
import type { Place } from './place.ts';
import { long } from './rules/bytes.ts';
import { type Fate, type Hook, type Passage, type ReadSet, Ruleset } from './rules/ruleset.ts';
import type { Seen } from './rules/seen.ts';
import type { Element } from './rules/set.ts';
import { commandAt, Stop } from './step.ts';

/** What the packet is seen to be: on which links, and on its way there or back. */
interface Circumstances {
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
  readonly isReply: boolean;
  readonly isTranslated: boolean;
}

/** One of those that clients are given when they connect (ip-sysctl, ip_local_port_range). */
const clientPort = 40_000;

/** The rules of a place. Those of iptables-legacy, IPVS and eBPF are out of reach. */
export class Hooks implements Disposable {
  readonly #netfilter: Netfilter | undefined;
  readonly #ruleset: Ruleset;

  constructor(place: Place) {
    const isLocal = (address: string) => wayTo(place, address)?.type === 'local';
    try {
      const netfilter = Netfilter.openIn(place.namespace);
      this.#netfilter = netfilter;
      const sets = new Map<string, readonly Element[]>();
      const read: ReadSet = set => {
        const key = JSON.stringify(set);
        const known =
          sets.get(key) ?? netfilter.execute(setElements.list(set)).flatMap(({ elements = [] }) => elements);
        sets.set(key, known);
        return known;
      };
      this.#ruleset = new Ruleset(netfilter.execute(chain.list()), netfilter.execute(rule.list()), read, isLocal);
    } catch {
      // A kernel without nf_tables has no rules.
      this.#ruleset = new Ruleset([], [], () => [], isLocal);
    }
  }

  /** @throws Stop where a rule drops it, and says which chain does. */
  pass(place: Place, hook: Hook, packet: Packet, circumstances: Circumstances): Passage {
    const passage = this.#ruleset.pass(hook, seenOf(packet, circumstances));
    if (passage.dropped) throw dropped(place, passage.dropped, packet);
    return passage;
  }

  /** What the rules would make of a destination, whatever the interface; undefined where it stays. */
  destinationOf(packet: Packet): string | undefined {
    const passage = this.#ruleset.pass('prerouting', seenOf(packet, { isReply: false, isTranslated: false }));
    return passage.seen.dst === packet.dst ? undefined : passage.seen.dst;
  }

  /** What an earlier connection to there was translated to, by whatever. */
  seen(dst: string, port: number): string | undefined {
    try {
      const known = this.#netfilter?.execute(conntrack.list({ original: { ip: { dst } } })) ?? [];
      const to = known.find(({ original }) => original?.proto?.dport === port)?.reply?.ip?.src;
      return to === dst ? undefined : to;
    } catch {
      // A kernel without conntrack knows of none.
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#netfilter?.close();
  }
}

function dropped(place: Place, { text, chain }: Fate, { src, dst }: Packet): Stop {
  return new Stop(
    `the chain ${chain} of nf_tables ${text}: what goes from ${src ?? 'here'} to ${dst}`,
    commandAt(place, `nft --handle list chain ${chain}`),
  );
}

function seenOf({ src, dst, port, mark = long(0) }: Packet, { iif, oif, isReply, isTranslated }: Circumstances): Seen {
  return {
    src,
    dst,
    sourcePort: isReply ? port : clientPort,
    port: isReply ? clientPort : port,
    mark,
    iif,
    oif,
    isReply,
    isTranslated,
  };
}
