// Evaluates the rules of a namespace on a packet, at each netfilter hook.
import { LinuxError } from '@spider/libc';
import { chain, conntrack, Netfilter, rule, setElements } from '@spider/netfilter';
import { DumpInterruptedError, familyOf, type IPFamily, NetlinkError } from '@spider/rtnetlink';
import { commandAt } from '../command-at.ts';
import { type Ends, type Packet, routeTo } from './lookup.ts';
import type { Place } from './place.ts';
import { type Bytes, long } from './rules/bytes.ts';
import type { Hook } from './rules/chain.ts';
import type { PacketInfo } from './rules/packet-info.ts';
import { type HookOutcome, type ReadSet, Ruleset } from './rules/ruleset.ts';
import type { ChainAction } from './rules/run.ts';
import type { Element } from './rules/set.ts';
import { Stop } from './step.ts';
import type { Direction } from './unfollowed/traffic-control.ts';

/** What rules can match besides the packet itself: its links and the state of its connection. */
export interface PacketContext {
  readonly iif?: PacketInfo['iif'];
  readonly oif?: PacketInfo['oif'];
  /** Conntrack has seen it before this hook. */
  readonly isTracked?: boolean;
  readonly isReply: boolean;
  readonly mayBeTranslated: boolean;
  readonly isTranslated: boolean;
  /** Default 0. */
  readonly connectionMark?: Bytes;
}

/** What becomes of a packet at one hook, and what is not certain about it. */
export interface HookResult extends Pick<HookOutcome, 'reroutedBy' | 'source'> {
  readonly packet: Packet;
  readonly connectionMark: Bytes;
  /** What changed its destination. */
  readonly by: string;
  readonly doubts: readonly string[];
}

/** A service, as the rules see it. */
interface Service {
  readonly dst: string;
  /** The address is one that only the cluster's nodes know. */
  readonly isClusterIP: boolean;
}

/** Addresses for documentation (RFC 5737, RFC 3849), which no service has. */
const nobodys: Readonly<Record<IPFamily, string>> = { inet: '192.0.2.255', inet6: '2001:db8::ffff' };

/** The nf_tables rules of a namespace, and its conntrack table. */
export class Hooks implements Disposable {
  readonly #place: Place;
  #hasReported = false;
  #netfilter: Netfilter | undefined;
  #ruleset: Ruleset | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  /**
   * `restored` is what conntrack translates back in a reply at this hook.
   * @throws Stop if a rule drops it, and says which chain does
   */
  pass(hook: Hook, packet: Packet, context: PacketContext, restored: Partial<Ends> = {}): HookResult {
    const info = packetInfoOf(packet, context);
    const unread: HookOutcome = {
      packet: { ...info, ...restored },
      source: undefined,
      ledBy: [],
      reroutedBy: undefined,
      dropped: undefined,
      doubts: [],
    };
    const [outcome, failure] = this.#ask(
      'the rules of nf_tables',
      () => this.#rules().pass(hook, info, restored),
      unread,
    );
    if (outcome.dropped) throw dropped(this.#place, outcome.dropped, packet);
    const doubts = outcome.doubts.map(
      ({ chain, text }) => `the chain ${chain} of nf_tables ${text}: that depends on more than can be seen here`,
    );
    const { src, dst, sourcePort, port, mark, connectionMark } = outcome.packet;
    const passed = { src, dst, sourcePort, port, mark };
    const { source, reroutedBy } = outcome;
    const by = 'by a rule of nf_tables';
    const result = {
      packet: passed,
      connectionMark,
      source,
      reroutedBy,
      by,
      doubts: [...this.#once(failure), ...doubts],
    };
    if (outcome.packet.dst !== packet.dst || !context.mayBeTranslated || (hook !== 'prerouting' && hook !== 'output'))
      return result;
    const [earlier, why] = this.#ask('the connections of conntrack', () => this.#earlierTranslation(packet), {
      dst,
      port,
    });
    return {
      ...result,
      packet: { ...passed, ...earlier },
      reroutedBy: earlier.dst === dst ? reroutedBy : mark,
      by: 'as an earlier connection was',
      doubts: [...result.doubts, ...this.#once(why)],
    };
  }

  /**
   * The chains of an interface. They are not evaluated: they may match what is not known here, such as hardware addresses.
   */
  chainsOn(dev: string, direction: Direction): string[] {
    const [chains] = this.#ask('the rules of nf_tables', () => this.#rules().chainsOn(dev, direction), []);
    return chains;
  }

  /**
   * How the rules translate the packet's destination, on any interface; undefined if they do not, or if that is not known,
   * or if they do so with any destination.
   */
  serviceOf(packet: Packet): Service | undefined {
    const translate = (dst: string) => {
      const info = packetInfoOf({ ...packet, dst }, { isReply: false, mayBeTranslated: true, isTranslated: false });
      const { packet: after, ledBy } = this.#rules().pass('prerouting', info);
      return after.dst === dst ? undefined : { dst: after.dst, isClusterIP: isClusterIP(ledBy) };
    };
    const ask = () => (translate(nobodys[familyOf(packet.dst)]) ? undefined : translate(packet.dst));
    return this.#ask('the rules of nf_tables', ask, undefined)[0];
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
    const isLocal = (address: string) => routeTo(this.#place, address)?.type === 'local';
    this.#ruleset = new Ruleset(netfilter.execute(chain.list()), netfilter.execute(rule.list()), read, isLocal);
    return this.#ruleset;
  }

  /**
   * The translated destination of an earlier connection to the same address and port; the original one if there is none.
   */
  #earlierTranslation({ dst, port }: Packet): Pick<Packet, 'dst' | 'port'> {
    const known = this.#open().execute(conntrack.list({ original: { ip: { dst } } }));
    const reply = known.find(({ original }) => original?.proto?.dport === port)?.reply;
    return { dst: reply?.ip?.src ?? dst, port: reply?.proto?.sport ?? port };
  }

  #open(): Netfilter {
    this.#netfilter ??= Netfilter.openIn(this.#place.namespace);
    return this.#netfilter;
  }

  /** The kernel's answer. If it gives none: `otherwise`, and why. */
  #ask<T>(what: string, question: () => T, otherwise: T): [answer: T, failure?: string] {
    try {
      return [question()];
    } catch (error) {
      if (!isKernelError(error)) throw error;
      const text = `${what} cannot be read here, and what they do with the packet is not known: ${error.message}`;
      return isAbsent(error) ? [otherwise] : [otherwise, text];
    }
  }

  /** Reports only the first failure: what prevents reading the rules also prevents reading the connections. */
  #once(failure: string | undefined): string[] {
    if (failure === undefined || this.#hasReported) return [];
    this.#hasReported = true;
    return [failure];
  }

  [Symbol.dispose](): void {
    this.#netfilter?.close();
  }
}

/**
 * From a ClusterIP, kube-proxy jumps to the chain of the service or to that of its endpoints on this node, and from addresses
 * that others know too, first to one for external traffic: in its mode iptables, and in its mode nftables.
 */
function isClusterIP(chains: readonly string[]): boolean {
  return (
    chains.some(name => /^(KUBE-SV[CL]|service|local)-/.test(name)) &&
    !chains.some(name => /^(KUBE-EXT|external)-/.test(name))
  );
}

function isKernelError(error: unknown): error is LinuxError | NetlinkError | DumpInterruptedError {
  return error instanceof LinuxError || error instanceof NetlinkError || error instanceof DumpInterruptedError;
}

/** True if the kernel has no netfilter, or not the part that the request is about. */
function isAbsent(error: Error): boolean {
  if (error instanceof LinuxError) return error.code === 'EPROTONOSUPPORT';
  return error instanceof NetlinkError && error.code === 'EINVAL' && error.operation !== 'setElements.list';
}

function dropped(place: Place, { text, chain }: ChainAction, { src, dst }: Packet): Stop {
  return new Stop(
    `the chain ${chain} of nf_tables ${text}: what goes from ${src ?? 'here'} to ${dst}`,
    commandAt(place, `nft --handle list chain ${chain}`),
  );
}

function packetInfoOf(
  { mark = long(0), ...packet }: Packet,
  { iif, oif, connectionMark = long(0), isTracked = false, ...context }: PacketContext,
): PacketInfo {
  return { ...packet, ...context, isTracked, mark, connectionMark, iif, oif };
}
