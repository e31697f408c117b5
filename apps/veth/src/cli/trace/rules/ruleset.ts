// Runs the rules of nf_tables over a packet, as far as they depend on what is known of it.
import type { Chain, Expression, Rule } from '@spider/netfilter';
import { type Family, familyOf } from '../../../family.ts';
import type { Direction } from '../unseen/traffic-control.ts';
import type { Bytes } from './bytes.ts';
import type { Effect } from './effect.ts';
import { runRule, type Surroundings } from './rule.ts';
import type { Seen } from './seen.ts';
import type { Element } from './set.ts';

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** What came of a packet at one hook. */
export interface Passage {
  /** As it goes on: with the destination, the port and the mark that rules gave it. */
  readonly seen: Seen;
  /** What the source is to become; `masquerade` for an address of the interface that it leaves by. */
  readonly source: string | undefined;
  /** Where and how it is dropped. */
  readonly dropped: Fate | undefined;
  /** What might become of it, by rules that look at more than is known. */
  readonly doubts: readonly Fate[];
}

/** What a chain does. */
export interface Fate {
  /** `drops what no rule in … accepts`. */
  readonly text: string;
  /** As nft(8) names it: `inet filter forward`. */
  readonly chain: string;
}

/** What is in a set of a table. */
export type ReadSet = (set: { family: Chain['family']; table?: string | undefined; set: string }) => readonly Element[];

interface ChainName {
  readonly family: Chain['family'];
  readonly table?: string | undefined;
  readonly name?: string | undefined;
}

const priorities = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 };
const tablesOf: Readonly<Record<Family, readonly unknown[]>> = { inet: ['ip', 'inet'], inet6: ['ip6', 'inet'] };
/** NF_NETDEV_INGRESS and NF_NETDEV_EGRESS have numbers that mean something else in other families; NF_INET_INGRESS has its own. */
const deviceHooks = { ingress: ['netdev prerouting', 'inet 5'], egress: ['netdev input'] };
/** Deeper the kernel allows no jump either. */
const maxDepth = 16;

export class Ruleset {
  readonly #chains: readonly Chain[];
  readonly #rules = new Map<string, Rule[]>();
  readonly #read: ReadSet;
  readonly #isLocal: Surroundings['isLocal'];

  constructor(chains: readonly Chain[], rules: readonly Rule[], read: ReadSet, isLocal: Surroundings['isLocal']) {
    this.#chains = chains;
    this.#read = read;
    this.#isLocal = isLocal;
    for (const rule of rules) {
      const key = textOf({ family: rule.family, table: rule.table, name: rule.chain });
      const known = this.#rules.get(key);
      if (known) known.push(rule);
      else this.#rules.set(key, [rule]);
    }
  }

  /** What becomes of the packet at a hook. Of the chains for translation only what begins a connection is shown to. */
  pass(hook: Hook, seen: Seen): Passage {
    const family = familyOf(seen.dst);
    const base = this.#chains
      .filter(chain => chain.hook?.hook === hook && tablesOf[family].includes(chain.family))
      .filter(({ type }) => type !== 'nat' || !seen.isReply)
      .toSorted((one, other) => priorityOf(one) - priorityOf(other));
    const run = new Run(seen);
    let source: string | undefined;
    let isTranslated = false;
    for (const chain of base) {
      // What one chain has translated the next leaves alone.
      if (chain.type === 'nat' && isTranslated) continue;
      run.mayHaveEnded = false;
      const end = this.#walk(chain, run, true, 0);
      if (end?.kind === 'destination' || end?.kind === 'source') {
        isTranslated = true;
        if (end.kind === 'source') source = end.to ?? 'masquerade';
        else run.seen = { ...run.seen, dst: end.to, port: end.port ?? run.seen.port, isTranslated: true };
      } else if (end?.kind === 'dropped') return { ...run, source, dropped: end.fate };
      else if (!end && chain.policy === 'drop') {
        const fate = { text: 'drops what none of its rules accepts', chain: textOf(chain) };
        if (!run.mayHaveEnded) return { ...run, source, dropped: fate };
        run.doubts.push(fate);
      }
    }
    return { ...run, source, dropped: undefined };
  }

  /** The chains that see what an interface takes before all others, or what it sends after them. */
  chainsOn(dev: string, direction: Direction): string[] {
    return this.#chains
      .filter(({ hook }) => hook?.dev === dev || hook?.devs?.includes(dev))
      .filter(({ family, hook }) => deviceHooks[direction].includes(`${family} ${hook!.hook}`))
      .map(textOf);
  }

  /** `isCertain` says whether the packet comes there. Undefined where it comes out at the end of the chain. */
  #walk(at: ChainName, run: Run, isCertain: boolean, depth: number): End | undefined {
    let comesHere = isCertain;
    for (const { expressions = [] } of this.#rules.get(textOf(at)) ?? []) {
      comesHere &&= !run.mayHaveEnded;
      const around = {
        elementsOf: (set: string) => this.#read({ family: at.family, table: at.table, set }),
        isLocal: this.#isLocal,
      };
      const outcome = runRule(expressions as readonly Expression[], run.seen, around);
      if (!outcome) continue;
      const isSure = comesHere && outcome.isCertain;
      run.mark(outcome.mark, isSure);
      for (const effect of outcome.effects) {
        const end = this.#take(effect, at, run, isSure, depth);
        if (isSure && end === 'returned') return undefined;
        if (isSure && end && end !== 'returned') return end;
        if (end === 'returned') comesHere = false;
        else if (end) run.mayHaveEnded = true;
      }
    }
    return undefined;
  }

  #take(effect: Effect, at: ChainName, run: Run, isSure: boolean, depth: number): End | 'returned' | undefined {
    const chain = textOf(at);
    if (effect.kind !== 'verdict') {
      if (!isSure) run.doubts.push({ text: 'might translate it', chain });
      return effect;
    }
    const { code, chain: name } = effect;
    if (code === 'return') return 'returned';
    if (code === 'accept') return { kind: 'accepted' };
    if (code === 'drop' || code === 'reject') {
      if (!isSure) run.doubts.push({ text: `might ${code} it`, chain });
      return { kind: 'dropped', fate: { text: `${code}s it`, chain } };
    }
    if ((code !== 'jump' && code !== 'goto') || depth >= maxDepth) return undefined;
    return this.#walk({ ...at, name }, run, isSure, depth + 1) ?? (code === 'goto' ? 'returned' : undefined);
  }
}

type End =
  | Exclude<Effect, { kind: 'verdict' }>
  | { readonly kind: 'accepted' }
  | { readonly kind: 'dropped'; readonly fate: Fate };

/** A packet on its way through the chains of a hook. */
class Run {
  seen: Seen;
  readonly doubts: Fate[] = [];
  /** A rule that may match, or not, has decided about it in this chain. */
  mayHaveEnded = false;

  constructor(seen: Seen) {
    this.seen = seen;
  }

  /** Where a rule only may give it another mark, what differs is not known any more. */
  mark(mark: Bytes, isSure: boolean): void {
    const before = this.seen.mark;
    const now = isSure ? mark : before.map((byte, i) => (byte === mark[i] ? byte : undefined));
    this.seen = { ...this.seen, mark: now };
  }
}

function priorityOf({ hook }: Chain): number {
  return Number(priorities[hook?.priority as keyof typeof priorities] ?? hook?.priority ?? 0);
}

/** As nft(8) names a chain. */
function textOf({ family, table, name }: ChainName): string {
  return `${family} ${table} ${name}`;
}
