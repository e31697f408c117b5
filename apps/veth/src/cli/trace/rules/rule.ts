// Runs one rule of nf_tables over a packet.
import { Address } from '@spider/ip';
import type { Expression } from '@spider/netfilter';
import { familyOf } from '../../../family.ts';
import { type Bytes, equal, long, masked, not, order, type Truth, unknown } from './bytes.ts';
import { type Effect, redirection } from './effect.ts';
import { connectionOf, metaOf, payloadOf, type Seen } from './seen.ts';
import { bytesOf, type Element, lookUpElement } from './set.ts';
import { type Extension, effectOf, markedBy, matches } from './xtables.ts';

/** What rules ask of the place that they stand in. */
export interface Surroundings {
  /** What is in a set of the rule's table. */
  readonly elementsOf: (set: string) => readonly Element[];
  readonly isLocal: (address: string) => boolean;
}

/** What came of a rule that matches, or may. */
export interface Outcome {
  /** False where the rule looks at more than is known of the packet. */
  readonly isCertain: boolean;
  /** More than one where it is not known which. */
  readonly effects: readonly Effect[];
  /** That the packet then has. */
  readonly mark: Bytes;
}

interface Data {
  readonly [name: string]: unknown;
}

/** Undefined where the rule does not match. */
export function runRule(expressions: readonly Expression[], seen: Seen, around: Surroundings): Outcome | undefined {
  const registers = new Registers();
  let isCertain = true;
  let mark = seen.mark;
  for (const expression of expressions) {
    const { name, data = {} } = expression as { readonly name: string; readonly data?: Data };
    const { dreg, sreg } = data;
    let truth: Truth = true;
    let effects: readonly Effect[] = [];
    switch (name) {
      case 'meta':
        if (sreg === undefined) registers.load(dreg, metaOf({ ...seen, mark }, data['key']) ?? unknown(16));
        else if (data['key'] === 'mark') mark = registers.read(sreg, 4);
        break;
      case 'ct':
        if (sreg === undefined) registers.load(dreg, connectionOf(seen, data['key']) ?? unknown(16));
        break;
      case 'payload':
        registers.load(dreg, payloadOf(seen, data['base'], Number(data['offset']), Number(data['length'])));
        break;
      case 'fib':
        registers.load(dreg, addressType(data, seen, around));
        break;
      case 'bitwise':
        registers.load(dreg, bitwise(registers.read(sreg, Number(data['length'] ?? 0)), data));
        break;
      case 'cmp':
        truth = compare(registers, data);
        break;
      case 'lookup': {
        const found = lookUpElement(around.elementsOf(String(data['set'])), registers.read(sreg, 64));
        truth = dreg === undefined && data['flags'] === 1 ? not(found.isThere) : found.isThere;
        if (dreg === undefined) break;
        effects = found.elements.flatMap(({ data }) => (data?.verdict ? [verdictOf(data.verdict)] : []));
        const [element] = found.elements;
        if (element?.data?.value) registers.load(dreg, truth ? bytesOf(element.data) : unknown(16));
        break;
      }
      case 'immediate': {
        const { verdict } = (data['data'] ?? {}) as { verdict?: Data };
        if (verdict) effects = [verdictOf(verdict)];
        else registers.load(dreg, bytesOf(data['data'] as Element['data']));
        break;
      }
      case 'nat':
        effects = translation(registers, data, seen.dst);
        break;
      case 'redir':
        effects = [redirection(seen, portIn(registers, data['portMin']))];
        // Of what comes in, it takes an address of the interface.
        if (seen.iif !== undefined) truth = undefined;
        break;
      case 'masq':
        effects = [{ kind: 'source', to: undefined }];
        break;
      case 'reject':
        effects = [{ kind: 'verdict', code: 'reject', chain: undefined }];
        break;
      case 'numgen':
        // One of many, by chance: here it is the first.
        registers.load(dreg, long(Number(data['offset'] ?? 0)));
        break;
      case 'match':
        truth = matches(data as Extension, { ...seen, mark }, around.isLocal);
        break;
      case 'target': {
        mark = markedBy(data as Extension, mark) ?? mark;
        const effect = effectOf(data as Extension, seen);
        if (data['name'] === 'REDIRECT' && seen.iif !== undefined) truth = undefined;
        effects = effect ? [effect] : [];
        break;
      }
      // None of these keeps a packet from the rest of the rule.
      case 'counter':
      case 'log':
      case 'notrack':
      case 'dynset':
      case 'objref':
      case 'last':
        break;
      default:
        truth = undefined;
    }
    if (truth === false) return undefined;
    isCertain &&= truth === true;
    if (effects.length > 0) return { isCertain, effects, mark };
  }
  return { isCertain, effects: [], mark };
}

/** Registers 1 to 4 are of 16 bytes; 8 and above are the same bytes in parts of 4. */
class Registers {
  readonly #bytes: (number | undefined)[] = new Array(64).fill(0);

  load(register: unknown, bytes: Bytes): void {
    this.#bytes.splice(offsetOf(register), bytes.length, ...bytes);
  }

  read(register: unknown, length: number): Bytes {
    return this.#bytes.slice(offsetOf(register), offsetOf(register) + length);
  }
}

function offsetOf(register: unknown): number {
  const number = Number(register);
  return number >= 8 ? (number - 8) * 4 : (number - 1) * 16;
}

function compare(registers: Registers, { sreg, op, data }: Data): Truth {
  const wanted = bytesOf(data as Element['data']);
  const found = registers.read(sreg, wanted.length);
  if (op === 'eq') return equal(found, wanted);
  if (op === 'neq') return not(equal(found, wanted));
  const sign = order(found, wanted);
  if (sign === undefined) return undefined;
  return op === 'lt' ? sign < 0 : op === 'lte' ? sign <= 0 : op === 'gt' ? sign > 0 : sign >= 0;
}

function bitwise(bytes: Bytes, { op, mask, xor }: Data): Bytes {
  // Shifts have another operation; none that translates or filters by address is known to shift.
  if (op !== undefined && op !== 'boolean') return unknown(bytes.length);
  return masked(bytes, bytesOf(mask as Element['data']), bytesOf(xor as Element['data']));
}

/** RTN_UNICAST and RTN_LOCAL of <linux/rtnetlink.h>; NFTA_FIB_F_DADDR alone, whatever the interface. */
function addressType({ result, flags }: Data, { dst }: Seen, { isLocal }: Surroundings): Bytes {
  return result === 'addrtype' && flags === 2 && isLocal(dst) ? long(2) : unknown(4);
}

function translation(registers: Registers, { type, addressMin, portMin }: Data, dst: string): Effect[] {
  const address = addressMin === undefined ? [] : registers.read(addressMin, familyOf(dst) === 'inet' ? 4 : 16);
  const to =
    isKnown(address) && address.length > 0 ? Address.fromBytes(Uint8Array.from(address)).toString() : undefined;
  if (type === 'snat') return [{ kind: 'source', to }];
  if (to === undefined) return [];
  return [{ kind: 'destination', to, port: portIn(registers, portMin) }];
}

function portIn(registers: Registers, register: unknown): number | undefined {
  const [high, low] = register === undefined ? [] : registers.read(register, 2);
  return high === undefined || low === undefined ? undefined : high * 256 + low;
}

function isKnown(bytes: Bytes): bytes is readonly number[] {
  return !bytes.includes(undefined);
}

function verdictOf({ code, chain }: Data): Effect {
  return { kind: 'verdict', code: code as string | undefined, chain: chain as string | undefined };
}
