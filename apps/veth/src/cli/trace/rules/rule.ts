// Evaluates one rule of nf_tables on a packet.
import { Address } from '@spider/ip';
import type { Expression } from '@spider/netfilter';
import { familyOf } from '@spider/rtnetlink';
import { type Bytes, equal, long, masked, not, order, type Truth, unknown } from './bytes.ts';
import { type Effect, redirection } from './effect.ts';
import { connectionOf, type Marks, metaOf, type PacketInfo, payloadOf } from './packet-info.ts';
import { bytesOf, type Element, lookUpElement } from './set.ts';
import { type Extension, effectOf, markedBy, matches } from './xtables.ts';

/** What rules need of the namespace that they are in. */
export interface RuleContext {
  /** The elements of a set in the rule's table. */
  readonly elementsOf: (set: string) => readonly Element[];
  readonly isLocal: (address: string) => boolean;
}

/** The outcome of a rule that matches, or may match. */
export interface Outcome {
  /** False if the rule matches on something that is not known of the packet. */
  readonly isCertain: boolean;
  /** The effect; several if it is not known which of them. */
  readonly effects: readonly Effect[];
  /** The marks after the rule. */
  readonly marks: Marks;
}

interface Data {
  readonly [name: string]: unknown;
}

/** Undefined if the rule does not match. */
export function runRule(
  expressions: readonly Expression[],
  packet: PacketInfo,
  context: RuleContext,
): Outcome | undefined {
  const registers = new Registers();
  let isCertain = true;
  let marks: Marks = { mark: packet.mark, connectionMark: packet.connectionMark };
  for (const expression of expressions) {
    const { name, data = {} } = expression as { readonly name: string; readonly data?: Data };
    const { dreg, sreg } = data;
    let truth: Truth = true;
    let effects: readonly Effect[] = [];
    switch (name) {
      case 'meta':
        if (sreg === undefined) registers.load(dreg, metaOf({ ...packet, ...marks }, data['key']) ?? unknown(16));
        else if (data['key'] === 'mark') marks = { ...marks, mark: registers.read(sreg, 4) };
        break;
      case 'ct':
        if (sreg === undefined) {
          // Without a connection, nothing of it but the state can be loaded.
          if (!packet.isTracked && data['key'] !== 'state') truth = false;
          registers.load(dreg, connectionOf({ ...packet, ...marks }, data['key']) ?? unknown(16));
        } else if (data['key'] === 'mark' && packet.isTracked)
          marks = { ...marks, connectionMark: registers.read(sreg, 4) };
        break;
      case 'payload':
        registers.load(dreg, payloadOf(packet, data['base'], Number(data['offset']), Number(data['length'])));
        break;
      case 'fib':
        registers.load(dreg, addressType(data, packet, context));
        break;
      case 'bitwise':
        registers.load(dreg, bitwise(registers.read(sreg, Number(data['length'] ?? 0)), data));
        break;
      case 'byteorder':
        registers.load(dreg, swapped(registers.read(sreg, Number(data['length'])), Number(data['size'])));
        break;
      case 'cmp':
        truth = compare(registers, data);
        break;
      case 'lookup': {
        const found = lookUpElement(context.elementsOf(String(data['set'])), registers.read(sreg, 64));
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
        effects = translation(registers, data, packet.dst);
        break;
      case 'redir':
        effects = [redirection(packet, portIn(registers, data['portMin']))];
        // An incoming packet would be redirected to an address of its interface, which is not known here.
        if (packet.iif !== undefined) truth = undefined;
        break;
      case 'masq':
        effects = [{ kind: 'source', to: undefined }];
        break;
      case 'reject':
        effects = [{ kind: 'verdict', code: 'reject', chain: undefined }];
        break;
      case 'numgen':
        // A random number selects one of many. The trace takes the first.
        registers.load(dreg, long(Number(data['offset'] ?? 0)));
        break;
      case 'match':
        truth = matches(data as Extension, { ...packet, ...marks }, context.isLocal);
        break;
      case 'target': {
        marks = markedBy(data as Extension, { ...packet, ...marks });
        const effect = effectOf(data as Extension, packet);
        if (data['name'] === 'REDIRECT' && packet.iif !== undefined) truth = undefined;
        effects = effect ? [effect] : [];
        break;
      }
      // These have no effect on whether the rest of the rule applies.
      case 'counter':
      case 'log':
      case 'notrack':
      case 'dynset':
      case 'objref':
      case 'last':
        break;
      default:
        // Of what is not known here, not even the register that it writes to is.
        registers.forget();
        truth = undefined;
    }
    if (truth === false) return undefined;
    isCertain &&= truth === true;
    if (effects.length > 0) return { isCertain, effects, marks };
  }
  return { isCertain, effects: [], marks };
}

/** Registers 1 to 4 have 16 bytes each. Registers 8 and above are the same bytes, 4 each. */
class Registers {
  readonly #bytes: (number | undefined)[] = new Array(64).fill(0);

  forget(): void {
    this.#bytes.fill(undefined);
  }

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
  // Other operations shift. No rule that translates or filters by address is known to do so.
  if (op !== undefined && op !== 'boolean') return unknown(bytes.length);
  return masked(bytes, bytesOf(mask as Element['data']), bytesOf(xor as Element['data']));
}

/** Hosts are little-endian, so both directions are the same. */
function swapped(bytes: Bytes, size: number): Bytes {
  return bytes.map((_, i) => bytes[i - (i % size) + size - 1 - (i % size)]);
}

/**
 * The type of an address (NFTA_FIB_F_SADDR or NFTA_FIB_F_DADDR alone): RTN_* of <linux/rtnetlink.h>. A packet that is
 * followed has no other than these two.
 */
function addressType({ result, flags }: Data, { src, dst }: PacketInfo, { isLocal }: RuleContext): Bytes {
  const [RTN_UNICAST, RTN_LOCAL] = [1, 2];
  const address = flags === 1 ? src : flags === 2 ? dst : undefined;
  if (result !== 'addrtype' || address === undefined) return unknown(4);
  return long(isLocal(address) ? RTN_LOCAL : RTN_UNICAST);
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
