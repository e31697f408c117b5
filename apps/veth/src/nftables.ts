// The nf_tables rulesets that route replies through the pair. Loaded only if the configuration asks for them.
import {
  type ChainInput,
  chain,
  type Expression,
  interfaceName,
  Netfilter,
  type Rule,
  rule,
  table,
  word,
} from '@spider/netfilter';
import { type Namespace, NetlinkError } from '@spider/rtnetlink';
import type { Ruleset } from './object/object.ts';

/** A chain and its rules, planned or read. */
interface ChainOf<R> extends Pick<ChainInput, 'name' | 'type' | 'hook' | 'policy'> {
  readonly rules: readonly R[];
}

/** A table, planned or read. */
interface TableOf<R> {
  readonly chains: readonly ChainOf<R>[];
  /** NFT_TABLE_F_*. */
  readonly flags?: number | undefined;
}

/** NFT_TABLE_F_DORMANT: its chains are not called. */
const dormant = 1;

interface WantedRule {
  /** The rule as nft(8) would write it. */
  readonly text: string;
  readonly expressions: readonly Expression[];
}

const family = 'inet';

/** The rulesets of one network namespace: for each device a table with the device's name. */
export class Nftables implements Disposable {
  readonly #netfilter: Netfilter;

  constructor(netfilter: Netfilter) {
    this.#netfilter = netfilter;
  }

  /** @throws LinuxError if the kernel has no netfilter */
  static openIn(namespace: Namespace): Nftables {
    return new Nftables(Netfilter.openIn(namespace));
  }

  /** Brings the table into the planned state in one transaction, and returns a function that restores its former state. */
  ensure(ruleset: Ruleset): () => void {
    const { dev, absent } = ruleset;
    const before = this.#read(dev);
    if (absent ? !before : before && problemsOf(ruleset, before).length === 0) return () => {};
    if (absent) this.remove(dev);
    else this.#replace(dev, { chains: chainsOf(ruleset) });
    return () => (before ? this.#replace(dev, before) : this.remove(dev));
  }

  /** How the table differs from the planned one: `rule … of chain output is missing`. */
  differences(ruleset: Ruleset): string[] {
    const actual = this.#read(ruleset.dev);
    if (ruleset.absent) return actual ? ['is there'] : [];
    return actual ? problemsOf(ruleset, actual) : ['missing'];
  }

  /** Removes the device's table, if it exists. */
  remove(dev: string): void {
    const [{ error }] = this.#netfilter.settle([table.delete({ family, name: dev })]);
    if (error && !(error instanceof NetlinkError && error.code === 'ENOENT')) throw error;
  }

  [Symbol.dispose](): void {
    this.#netfilter.close();
  }

  #read(dev: string): TableOf<Rule> | undefined {
    const [found, chains, rules] = this.#netfilter.batch([
      table.get({ family, name: dev }),
      chain.list({ family, table: dev }),
      rule.list({ family, table: dev }),
    ]);
    return (
      found && {
        flags: found.flags,
        chains: chains.map(({ name, ...rest }) => ({
          ...rest,
          name,
          rules: rules.filter(({ chain }) => chain === name),
        })),
      }
    );
  }

  #replace(dev: string, { chains, flags }: TableOf<Pick<Rule, 'expressions'>>): void {
    const name = { family, name: dev } as const;
    this.#netfilter.batch([
      table.ensure(name),
      table.delete(name),
      table.add({ ...name, flags }),
      ...chains.flatMap(({ name, type, hook, policy, rules }) => [
        chain.add({ family, table: dev, name, type, hook, policy }),
        ...rules.map(({ expressions }) => rule.append({ family, table: dev, chain: name, expressions })),
      ]),
    ]);
  }
}

/** What of the ruleset is missing or has no effect. Ignores chains and rules that others have added to the table. */
function problemsOf(ruleset: Ruleset, { chains, flags = 0 }: TableOf<Rule>): string[] {
  const missing = chainsOf(ruleset).flatMap(({ name, type, hook, policy, rules }) => {
    const found = chains.find(candidate => includes(candidate, { name, type, hook }));
    if (!found) return [`chain ${name} is missing`];
    return [
      ...(found.policy === policy ? [] : [`policy of chain ${name} is ${found.policy}`]),
      ...rules
        .filter(({ expressions }) => !found.rules.some(candidate => includes(candidate, { expressions })))
        .map(({ text }) => `rule ${text} of chain ${name} is missing`),
    ];
  });
  return (flags & dormant) === 0 ? missing : ['is dormant', ...missing];
}

function includes(actual: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(wanted) && wanted.length !== (actual as unknown[]).length) return false;
  return Object.entries(wanted).every(([name, value]) => includes(actual[name as keyof typeof actual], value));
}

/**
 * Marks each connection that comes in through the device, its packets (reverse path filtering uses that mark), and the
 * replies, which the kernel then routes again. All other bits of both marks stay as they are.
 */
function chainsOf({ dev, mark }: Ruleset): ChainOf<WantedRule>[] {
  const through = joined(`iifname "${dev}"`, load('meta', 'iifname'), is(interfaceName(dev)));
  const isNew = joined('ct state new', load('ct', 'state'), masked(stateNew, 0), is(word(0), 'neq'));
  const bit = `0x${mark.toString(16).padStart(8, '0')}`;
  const isMarked = joined(`ct mark & ${bit} == ${bit}`, load('ct', 'mark'), masked(mark, 0), is(word(mark)));
  const marking = (what: 'ct' | 'meta') =>
    joined(`${what} mark set ${what} mark | ${bit}`, load(what, 'mark'), masked(~mark >>> 0, mark), store(what));
  return [
    {
      name: 'prerouting',
      type: 'filter',
      hook: { hook: 'prerouting', priority: 'mangle' },
      policy: 'accept',
      rules: [all(through, isNew, marking('ct')), all(through, isMarked, marking('meta'))],
    },
    {
      name: 'output',
      type: 'route',
      hook: { hook: 'output', priority: 'mangle' },
      policy: 'accept',
      rules: [all(isMarked, marking('meta'))],
    },
  ];
}

/** IP_CT_NEW as a bit, NF_CT_STATE_BIT of <linux/netfilter/nf_conntrack_common.h>. */
const stateNew = 8;

function joined(text: string, ...expressions: readonly Expression[]): WantedRule {
  return { text, expressions };
}

function all(...statements: readonly WantedRule[]): WantedRule {
  return joined(statements.map(({ text }) => text).join(' '), ...statements.flatMap(({ expressions }) => expressions));
}

function load(name: 'meta', key: 'iifname'): Expression;
function load(name: 'ct', key: 'state'): Expression;
function load(name: 'meta' | 'ct', key: 'mark'): Expression;
function load(name: string, key: string): Expression {
  return { name, data: { key, dreg: 1 } } as Expression;
}

function store(name: 'meta' | 'ct'): Expression {
  return { name, data: { key: 'mark', sreg: 1 } } as Expression;
}

/** `reg = (reg & mask) ^ xor` */
function masked(mask: number, xor: number): Expression {
  const data = { sreg: 1, dreg: 1, length: 4, mask: { value: word(mask) }, xor: { value: word(xor) } };
  return { name: 'bitwise', data };
}

function is(value: Uint8Array, op: 'eq' | 'neq' = 'eq'): Expression {
  return { name: 'cmp', data: { sreg: 1, op, data: { value } } };
}
