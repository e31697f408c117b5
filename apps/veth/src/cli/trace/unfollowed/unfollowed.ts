// Mechanisms that may decide about a packet but that the trace does not follow. Each is reported where it acts, once per
// namespace.
import { LinuxError } from '@spider/libc';
import { familyOf, type IPFamily, type Link } from '@spider/rtnetlink';
import { commandAt } from '../../command-at.ts';
import type { Hooks } from '../hooks.ts';
import type { Packet } from '../lookup.ts';
import type { Place } from '../place.ts';
import { numberOf } from '../rules/bytes.ts';
import type { Hook } from '../rules/chain.ts';
import { type LegacyTable, legacyTables } from './iptables-legacy.ts';
import { type IpvsService, parseIpvs } from './ipvs.ts';
import { readProcNet } from './proc-net.ts';
import { hasTcxPrograms } from './tcx.ts';
import { type Direction, filtersOn } from './traffic-control.ts';

/** What the trace does not follow in one namespace. */
export class Unfollowed {
  readonly #place: Place;
  readonly #hooks: Hooks;
  readonly #reported = new Set<string>();
  readonly #legacy = new Map<IPFamily, readonly LegacyTable[]>();
  #ipvs: readonly IpvsService[] | undefined;

  constructor(place: Place, hooks: Hooks) {
    this.#place = place;
    this.#hooks = hooks;
  }

  /** At a hook of netfilter. */
  atHook(hook: Hook, packet: Packet, isReply: boolean): string[] {
    return this.#once([...this.#legacyAt(hook, familyOf(packet.dst), isReply), ...this.#ipvsAt(hook, packet)]);
  }

  /** On an interface by which the packet comes in, or goes out. */
  onLink({ name = '', index, xdp }: Link, direction: Direction): string[] {
    const { rtnetlink, namespace } = this.#place;
    const notes: [what: string, command: string][] = [];
    if (direction === 'ingress' && xdp?.attached && xdp.attached !== 'none')
      notes.push([`an XDP program`, `bpftool net show dev ${name}`]);
    if (hasTcxPrograms(namespace, index, direction))
      notes.push([`a BPF program (tcx ${direction})`, `bpftool net show dev ${name}`]);
    const filters = filtersOn(rtnetlink, index, direction);
    if (filters.length > 0)
      notes.push([`a filter of tc (${filters.join(', ')})`, `tc filter show dev ${name} ${direction}`]);
    for (const chain of this.#hooks.chainsOn(name, direction))
      notes.push([`the chain ${chain} of nf_tables`, `nft list chain ${chain}`]);
    const when = direction === 'ingress' ? 'first what comes in' : 'last what goes out';
    return this.#once(notes.map(([what, command]) => `${what} sees ${when} by ${name}, ${this.#unfollowed(command)}`));
  }

  #unfollowed(command: string): string {
    return `and is not followed here; it is shown by ${commandAt(this.#place, command)}`;
  }

  #legacyAt(hook: Hook, family: IPFamily, isReply: boolean): string[] {
    const tool = family === 'inet' ? 'iptables-legacy' : 'ip6tables-legacy';
    let tables = this.#legacy.get(family);
    try {
      tables ??= legacyTables(this.#place.namespace, family);
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
      return [
        `the tables of ${tool} cannot be read here, and what they do with the packet is not known: ${error.message}`,
      ];
    }
    this.#legacy.set(family, tables);
    return tables
      .filter(({ name, hooks }) => hooks.includes(hook) && !(isReply && name === 'nat'))
      .map(({ name }) => {
        const chain = hook.toUpperCase();
        const rules = this.#unfollowed(`${tool} --table ${name} --list-rules ${chain}`);
        return `the chain ${chain} of ${tool} sees it in the table ${name}, ${rules}`;
      });
  }

  #ipvsAt(hook: Hook, { dst, port, mark }: Packet): string[] {
    if (hook !== 'input' && hook !== 'output') return [];
    this.#ipvs ??= parseIpvs(readProcNet(this.#place.namespace, 'ip_vs'));
    const number = mark && numberOf(mark);
    return this.#ipvs
      .filter(found =>
        found.address === undefined
          ? found.mark === number
          : found.address === dst && (found.port === 0 || found.port === port),
      )
      .map(({ servers }) =>
        servers.length > 0
          ? `IPVS leads ${dst}, TCP port ${port}, to one of ${servers.join(', ')}, and is not followed here`
          : `IPVS has a service ${dst}, TCP port ${port}, and nowhere to lead it to`,
      );
  }

  #once(texts: readonly string[]): string[] {
    return texts.filter(text => !this.#reported.has(text) && this.#reported.add(text));
  }
}
