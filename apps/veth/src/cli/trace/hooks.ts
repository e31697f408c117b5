// Shows a packet to the rules of a place, at each of the points where netfilter does.
import { LinuxError } from '@spider/libc';
import { chain, conntrack, Netfilter, rule, setElements } from '@spider/netfilter';
import { DumpInterruptedError, NetlinkError } from '@spider/rtnetlink';
import { commandAt } from '../command-at.ts';
import { type Packet, wayTo } from './lookup.ts';
import type { Place } from './place.ts';
import { long } from './rules/bytes.ts';
import { type Fate, type Hook, type Passage, type ReadSet, Ruleset } from './rules/ruleset.ts';
import type { Seen } from './rules/seen.ts';
import type { Element } from './rules/set.ts';
import { Stop } from './step.ts';
import type { Direction } from './unseen/traffic-control.ts';

/** What the packet is seen to be: on which links, and on its way there or back. */
interface Circumstances {
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
  readonly isReply: boolean;
  readonly isTranslated: boolean;
}

/** What came of a packet at one hook, and what of that cannot be told for sure. */
interface Passed extends Omit<Passage, 'doubts'> {
  /** What gave it another destination. */
  readonly by: string;
  readonly doubts: readonly string[];
}

/** The rules of nf_tables of a place, and what conntrack remembers there. */
export class Hooks implements Disposable {
  readonly #place: Place;
  #hasTold = false;
  #netfilter: Netfilter | undefined;
  #ruleset: Ruleset | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  /** @throws Stop where a rule drops it, and says which chain does. */
  pass(hook: Hook, packet: Packet, circumstances: Circumstances): Passed {
    const seen = seenOf(packet, circumstances);
    const unread: Passage = { seen, source: undefined, dropped: undefined, doubts: [] };
    const [passage, failure] = this.#ask('the rules of nf_tables', () => this.#rules().pass(hook, seen), unread);
    if (passage.dropped) throw dropped(this.#place, passage.dropped, packet);
    const doubts = passage.doubts.map(
      ({ chain, text }) => `the chain ${chain} of nf_tables ${text}: that depends on more than can be seen here`,
    );
    const passed = { ...passage, by: 'by a rule of nf_tables', doubts: [...this.#once(failure), ...doubts] };
    if (passage.seen.dst !== packet.dst || circumstances.isReply || (hook !== 'prerouting' && hook !== 'output'))
      return passed;
    const [earlier, why] = this.#ask('the connections of conntrack', () => this.#earlier(packet), packet);
    return {
      ...passed,
      seen: { ...passage.seen, dst: earlier.dst, port: earlier.port },
      by: 'as an earlier connection was',
      doubts: [...passed.doubts, ...this.#once(why)],
    };
  }

  /** The chains that stand on an interface. Those see what is not known here, such as hardware addresses, and are not run. */
  chainsOn(dev: string, direction: Direction): string[] {
    const [chains] = this.#ask('the rules of nf_tables', () => this.#rules().chainsOn(dev, direction), []);
    return chains;
  }

  /** What the rules would make of a destination, whatever the interface; undefined where it stays, or is not known. */
  destinationOf(packet: Packet): string | undefined {
    const seen = seenOf(packet, { isReply: false, isTranslated: false });
    const [dst] = this.#ask('the rules of nf_tables', () => this.#rules().pass('prerouting', seen).seen.dst, undefined);
    return dst === packet.dst ? undefined : dst;
  }

  #rules(): Ruleset {
    if (this.#ruleset) return this.#ruleset;
    const netfilter = this.#open();
    const sets = new Map<string, readonly Element[]>();
    const read: ReadSet = set => {
      const key = JSON.stringify(set);
      const known = sets.get(key) ?? netfilter.execute(setElements.list(set)).flatMap(({ elements = [] }) => elements);
      sets.set(key, known);
      return known;
    };
    const isLocal = (address: string) => wayTo(this.#place, address)?.type === 'local';
    this.#ruleset = new Ruleset(netfilter.execute(chain.list()), netfilter.execute(rule.list()), read, isLocal);
    return this.#ruleset;
  }

  /** What an earlier connection to there was translated to, by whatever. */
  #earlier({ dst, port }: Packet): Pick<Packet, 'dst' | 'port'> {
    const known = this.#open().execute(conntrack.list({ original: { ip: { dst } } }));
    const reply = known.find(({ original }) => original?.proto?.dport === port)?.reply;
    return { dst: reply?.ip?.src ?? dst, port: reply?.proto?.sport ?? port };
  }

  #open(): Netfilter {
    this.#netfilter ??= Netfilter.openIn(this.#place.namespace);
    return this.#netfilter;
  }

  /** The answer, or what stands for it where the kernel gives none; and why it gives none. */
  #ask<T>(what: string, question: () => T, otherwise: T): [answer: T, failure?: string] {
    try {
      return [question()];
    } catch (error) {
      if (!isKernels(error)) throw error;
      const text = `${what} cannot be read here, and what they do with the packet is not known: ${error.message}`;
      return isAbsent(error) ? [otherwise] : [otherwise, text];
    }
  }

  /** What keeps the rules from being read is told once; it keeps the connections, too. */
  #once(failure: string | undefined): string[] {
    if (failure === undefined || this.#hasTold) return [];
    this.#hasTold = true;
    return [failure];
  }

  [Symbol.dispose](): void {
    this.#netfilter?.close();
  }
}

function isKernels(error: unknown): error is LinuxError | NetlinkError | DumpInterruptedError {
  return error instanceof LinuxError || error instanceof NetlinkError || error instanceof DumpInterruptedError;
}

/** A kernel without netfilter has no such socket, and one without a part of it knows no such request. */
function isAbsent(error: Error): boolean {
  if (error instanceof LinuxError) return error.code === 'EPROTONOSUPPORT';
  return error instanceof NetlinkError && error.code === 'EINVAL' && error.operation !== 'setElements.list';
}

function dropped(place: Place, { text, chain }: Fate, { src, dst }: Packet): Stop {
  return new Stop(
    `the chain ${chain} of nf_tables ${text}: what goes from ${src ?? 'here'} to ${dst}`,
    commandAt(place, `nft --handle list chain ${chain}`),
  );
}

function seenOf({ mark = long(0), ...packet }: Packet, { iif, oif, isReply, isTranslated }: Circumstances): Seen {
  return { ...packet, mark, iif, oif, isReply, isTranslated };
}
