// Runs the rules of nf_tables that translate destinations, as far as they depend on the packet alone: a rule with an
// expression that is not known here is taken not to match.
import { Address } from '@spider/ip';
import { type Chain, type Expression, type Rule, type SetElements, word } from '@spider/netfilter';
import { familyOf } from '../../facts.ts';
import { destinationOf, type Extension, matches } from './xtables.ts';

interface Connection {
  readonly dst: string;
  /** Of TCP. */
  readonly port: number;
}

type Verdict = { readonly to?: string; readonly code?: string; readonly chain?: string };

const tcp = 6;
const nfproto = { inet: 2, inet6: 10 } as const;

interface ChainName {
  readonly family: Chain['family'];
  readonly table: string | undefined;
  readonly name: string | undefined;
}

/** What is in a set of a table. */
type Elements = NonNullable<SetElements['elements']>;
type ReadSet = (set: Pick<ChainName, 'family' | 'table'> & { readonly set: string }) => Elements;

export class Ruleset {
  readonly #chains: readonly Chain[];
  readonly #rules: readonly Rule[];
  readonly #read: ReadSet;

  constructor(chains: readonly Chain[], rules: readonly Rule[], read: ReadSet) {
    this.#chains = chains;
    this.#rules = rules;
    this.#read = read;
  }

  /** What the destination becomes; undefined where it stays. */
  translate(connection: Connection, hook: 'prerouting' | 'output'): string | undefined {
    const priority = ({ hook }: Chain) => Number(named[hook?.priority as keyof typeof named] ?? hook?.priority ?? 0);
    const base = this.#chains
      .filter(candidate => candidate.type === 'nat' && candidate.hook?.hook === hook)
      .toSorted((one, other) => priority(one) - priority(other));
    for (const { family, table, name } of base) {
      const to = this.#run({ family, table, name }, connection, 0)?.to;
      if (to !== undefined) return to;
    }
    return undefined;
  }

  #run(at: ChainName, connection: Connection, depth: number): Verdict | undefined {
    const rules = this.#rules.filter(
      ({ family, table, chain }) => family === at.family && table === at.table && chain === at.name,
    );
    for (const { expressions = [] } of rules) {
      const verdict = evaluate(expressions, connection, set => this.#read({ family: at.family, table: at.table, set }));
      if (!verdict) continue;
      if (verdict.to !== undefined) return verdict;
      // Deeper the kernel allows no jump either.
      if ((verdict.code === 'jump' || verdict.code === 'goto') && depth < 16) {
        const inner = this.#run({ ...at, name: verdict.chain }, connection, depth + 1);
        if (inner || verdict.code === 'goto') return inner;
      } else if (verdict.code === 'return') return undefined;
      else if (verdict.code === 'accept' || verdict.code === 'drop') return verdict;
    }
    return undefined;
  }
}

const named = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 };

/** What a rule says of the packet; undefined where it does not match, or says nothing. */
function evaluate(
  expressions: readonly Expression[],
  { dst, port }: Connection,
  elementsOf: (set: string) => Elements,
): Verdict | undefined {
  const family = familyOf(dst);
  const registers = new Uint8Array(64);
  const address = bytesOf(dst);
  for (const expression of expressions) {
    const { name, data } = expression as { readonly name: string; readonly data?: Record<string, unknown> };
    const { dreg, sreg } = data ?? {};
    switch (name) {
      case 'meta':
        if (data?.['key'] === 'l4proto') registers[offsetOf(dreg)] = tcp;
        else if (data?.['key'] === 'nfproto') registers[offsetOf(dreg)] = nfproto[family];
        // A mark changes nothing about where the packet goes at first.
        else if (data?.['key'] !== 'mark') return undefined;
        break;
      case 'payload': {
        const loaded = payload(data ?? {}, address, port, family);
        if (!loaded) return undefined;
        registers.set(loaded, offsetOf(dreg));
        break;
      }
      case 'bitwise':
        bitwise(registers, data ?? {});
        break;
      case 'cmp': {
        const wanted = (data?.['data'] as { value?: Uint8Array } | undefined)?.value ?? new Uint8Array();
        const equal = wanted.every((byte, i) => registers[offsetOf(sreg) + i] === byte);
        if (equal !== (data?.['op'] === 'eq')) return undefined;
        break;
      }
      case 'immediate': {
        const { value, verdict } = (data?.['data'] ?? {}) as { value?: Uint8Array; verdict?: Verdict };
        if (verdict) return verdict;
        if (value) registers.set(value, offsetOf(dreg));
        break;
      }
      case 'nat': {
        if (data?.['type'] !== 'dnat' || data['addressMin'] === undefined) return undefined;
        const at = offsetOf(data['addressMin']);
        return { to: Address.fromBytes(registers.slice(at, at + address.length)).toString() };
      }
      case 'numgen':
        // One of many, by chance: here it is the first.
        registers.set(word(Number(data?.['offset'] ?? 0)), offsetOf(dreg));
        break;
      case 'lookup': {
        const found = elementIn(elementsOf(String(data?.['set'])), registers.subarray(offsetOf(sreg)));
        if (dreg === undefined ? !found !== (data?.['flags'] === 1) : !found) return undefined;
        if (found?.data?.verdict) return found.data.verdict as Verdict;
        if (found?.data?.value && dreg !== undefined) registers.set(found.data.value, offsetOf(dreg));
        break;
      }
      case 'match':
        if (!matches(data as Extension, port)) return undefined;
        break;
      case 'target': {
        const to = destinationOf(data as Extension, family);
        if (to !== undefined) return { to };
        break;
      }
      case 'counter':
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** Intervals are not looked into: services and their ports are single values. */
function elementIn(elements: Elements, registers: Uint8Array): Elements[number] | undefined {
  return elements.find(
    ({ key, flags = 0, keyEnd }) => !keyEnd && flags === 0 && key?.value?.every((byte, i) => registers[i] === byte),
  );
}

/** Registers 1 to 4 are of 16 bytes; 8 and above are the same bytes in parts of 4. */
function offsetOf(register: unknown): number {
  const number = Number(register);
  return number >= 8 ? (number - 8) * 4 : (number - 1) * 16;
}

/** Destination address and port, where the packet would have them. */
function payload(
  data: Record<string, unknown>,
  address: Uint8Array,
  port: number,
  family: 'inet' | 'inet6',
): Uint8Array | undefined {
  const { base, offset, length } = data;
  const start = family === 'inet' ? 16 : 24;
  if (base === 'network' && Number(offset) === start && Number(length) <= address.length)
    return address.slice(0, Number(length));
  if (base === 'transport' && Number(offset) === 2 && Number(length) === 2) return Uint8Array.of(port >> 8, port & 255);
  return undefined;
}

function bitwise(registers: Uint8Array, data: Record<string, unknown>): void {
  const [from, to] = [offsetOf(data['sreg']), offsetOf(data['dreg'])];
  const bytes = (value: unknown) => (value as { value?: Uint8Array } | undefined)?.value;
  const [mask, xor] = [bytes(data['mask']), bytes(data['xor'])];
  for (let i = 0; i < Number(data['length'] ?? 0); i++)
    registers[to + i] = (registers[from + i]! & (mask?.[i] ?? 255)) ^ (xor?.[i] ?? 0);
}

function bytesOf(address: string): Uint8Array {
  return Address.parse(address).toBytes();
}
