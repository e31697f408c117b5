// Evaluates the rules of nf_tables on a packet, as far as they depend on what is known of it.
import type { Chain, Expression, Rule } from '@spider/netfilter';
import { familyOf } from '@spider/rtnetlink';
import type { Ends } from '../lookup.ts';
import type { Direction } from '../unfollowed/traffic-control.ts';
import type { Bytes } from './bytes.ts';
import { type ChainName, chainsAt, type Hook, isAfterConntrack, isAfterTranslation, textOf } from './chain.ts';
import type { Effect } from './effect.ts';
import type { PacketInfo } from './packet-info.ts';
import { type RuleContext, runRule } from './rule.ts';
import { type ChainAction, Run } from './run.ts';
import type { Element } from './set.ts';

/** What becomes of a packet at one hook. */
export interface HookOutcome {
  /** The packet after the hook, with the destination, the port and the marks that rules gave it. */
  readonly packet: PacketInfo;
  /** The chains that led to the rule that gave it the destination, each from the one before it. */
  readonly ledBy: readonly string[];
  /** The mark of a packet that is routed again: because its destination changed, or its mark in a chain of type route. */
  readonly reroutedBy: Bytes | undefined;
  /** The new source; `masquerade` for an address of the interface by which the packet leaves. */
  readonly source: string | undefined;
  /** Set if the packet is dropped. */
  readonly dropped: ChainAction | undefined;
  /** What rules might do that match on something unknown. */
  readonly doubts: readonly ChainAction[];
}

/** Reads the elements of a set. */
export type ReadSet = (set: { family: Chain['family']; table?: string | undefined; set: string }) => readonly Element[];

/**
 * The hooks of interfaces, as the library names them by number: NF_NETDEV_INGRESS and NF_NETDEV_EGRESS have the numbers of
 * prerouting and input, NF_INET_INGRESS has 5.
 */
const deviceHooks = { ingress: ['netdev prerouting', 'inet 5'], egress: ['netdev input'] };
/** The kernel's own limit of nested jumps. */
const maxDepth = 16;

export class Ruleset {
  readonly #chains: readonly Chain[];
  readonly #rules = new Map<string, Rule[]>();
  readonly #read: ReadSet;
  readonly #isLocal: RuleContext['isLocal'];

  constructor(chains: readonly Chain[], rules: readonly Rule[], read: ReadSet, isLocal: RuleContext['isLocal']) {
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

  /** What becomes of the packet at a hook. `restored` is what conntrack translates back in a reply there. */
  pass(hook: Hook, packet: PacketInfo, restored: Partial<Ends> = {}): HookOutcome {
    const run = new Run(packet, restored);
    let source: string | undefined;
    let isTranslated = false;
    for (const chain of chainsAt(hook, familyOf(packet.dst), this.#chains, packet.mayBeTranslated)) {
      // A packet is translated at most once per hook.
      if (chain.type === 'nat' && isTranslated) continue;
      run.mayHaveEnded = false;
      run.path = [];
      run.packet = { ...run.packet, isTracked: packet.isTracked || isAfterConntrack(hook, chain) };
      if (isAfterTranslation(hook, chain)) run.restore();
      const { mark } = run.packet;
      const end = this.#walk(chain, run, true, 0);
      if (end?.kind === 'destination' || end?.kind === 'source') {
        isTranslated = true;
        if (end.kind === 'source') source = end.to ?? 'masquerade';
        else {
          run.ledBy = run.path;
          run.redirect({ dst: end.to, port: end.port ?? run.packet.port, isTranslated: true });
        }
      } else if (end?.kind === 'dropped') return { ...run, source, dropped: end.action };
      else if (!end && chain.policy === 'drop') {
        const action = { text: 'drops what none of its rules accepts', chain: textOf(chain) };
        if (!run.mayHaveEnded) return { ...run, source, dropped: action };
        run.doubts.push(action);
      }
      if (chain.type === 'route' && !isSame(run.packet.mark, mark)) run.reroutedBy = run.packet.mark;
    }
    run.restore();
    return { ...run, source, dropped: undefined };
  }

  /** The chains of an interface: those that see what it receives before all others, or what it sends after all others. */
  chainsOn(dev: string, direction: Direction): string[] {
    return this.#chains
      .filter(({ hook }) => hook?.dev === dev || hook?.devs?.includes(dev))
      .filter(({ family, hook }) => deviceHooks[direction].includes(`${family} ${hook!.hook}`))
      .map(textOf);
  }

  /** `isCertain`: whether the packet reaches the chain for certain. Undefined if it gets to the end of the chain. */
  #walk(at: ChainName, run: Run, isCertain: boolean, depth: number): End | undefined {
    let isReached = isCertain;
    for (const { expressions = [] } of this.#rules.get(textOf(at)) ?? []) {
      isReached &&= !run.mayHaveEnded;
      const context = {
        elementsOf: (set: string) => this.#read({ family: at.family, table: at.table, set }),
        isLocal: this.#isLocal,
      };
      const outcome = runRule(expressions as readonly Expression[], run.packet, context);
      if (!outcome) continue;
      const isSure = isReached && outcome.isCertain;
      run.mark(outcome.marks, isSure);
      for (const effect of outcome.effects) {
        const end = this.#take(effect, at, run, isSure, depth);
        if (isSure && end === 'returned') return undefined;
        if (isSure && end && end !== 'returned') return end;
        if (end === 'returned') isReached = false;
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
      return { kind: 'dropped', action: { text: `${code}s it`, chain } };
    }
    if ((code !== 'jump' && code !== 'goto') || depth >= maxDepth) return undefined;
    run.path.push(name ?? '');
    const end = this.#walk({ ...at, name }, run, isSure, depth + 1);
    if (!end || !isSure) run.path.pop();
    return end ?? (code === 'goto' ? 'returned' : undefined);
  }
}

type End =
  | Exclude<Effect, { kind: 'verdict' }>
  | { readonly kind: 'accepted' }
  | { readonly kind: 'dropped'; readonly action: ChainAction };

function isSame(bytes: Bytes, others: Bytes): boolean {
  return bytes.every((byte, i) => byte === others[i]);
}
