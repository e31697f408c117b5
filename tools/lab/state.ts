// The network state of a namespace as text, to be compared before and after.
import { inside, type Namespace, run, show } from './namespace.ts';

/** Sorted lines, so that a difference reads as what is new and what is gone. */
export interface State {
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  /** Those that somebody configured; what the kernel learns and forgets by itself is left out. */
  readonly neighbours: readonly string[];
  readonly nftables: readonly string[];
  readonly sysctls: readonly string[];
}

/** Waits until it has settled. */
export function state(namespace: Namespace): State {
  settle(namespace);
  const lines = (...command: string[]) => run(inside(namespace, command)).split('\n').sort();
  const both = (...args: string[]) => [...lines('ip', '-4', ...args), ...lines('ip', '-6', ...args)];
  return {
    links: lines('ip', '-oneline', 'link', 'show').map(settled),
    addresses: lines('ip', '-oneline', 'address', 'show').map(settled),
    routes: both('-details', 'route', 'show', 'table', 'all').map(settled),
    rules: both('-details', 'rule', 'show'),
    neighbours: [...lines('ip', 'neighbour', 'show', 'nud', 'permanent'), ...lines('ip', 'neighbour', 'show', 'proxy')],
    nftables: run(inside(namespace, ['nft', 'list', 'ruleset'])).split('\n'),
    sysctls: lines('sysctl', '--all', '--pattern', '^net\\.ipv[46]\\.(conf\\.|neigh\\.|ip_forward)'),
  };
}

/** Without what changes by itself for a moment after a link comes up, or its other end goes: whether there is a carrier. */
function settled(line: string): string {
  return line.replace(/NO-CARRIER,|,LOWER_UP| state \S+| linkdown| tentative/g, '');
}

/**
 * Waits until the kernel has done by itself what it does after links came up, up to seconds later on a busy machine: each
 * that has a carrier has a link-local address, and no address of it is tentative, which it is for a moment even where nobody
 * asks for duplicates. A state from before that moment would differ from any after it.
 * Throws with the links that are not so far, where that takes more than half a minute.
 */
export function settle(namespace: Namespace): void {
  for (let tries = 3000; ; tries--) {
    const ready = show<Link>(namespace, 'link', 'show', 'up').filter(hasCarrier);
    const addresses = new Map(
      show<Addresses>(namespace, 'address').map(({ ifname, addr_info }) => [ifname, addr_info]),
    );
    const waiting = ready.filter(link => !isSettled(link, addresses.get(link.ifname) ?? []));
    if (waiting.length === 0) return;
    if (tries === 0) throw new Error(`not settled: ${waiting.map(({ ifname }) => ifname).join(', ')}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

interface Link {
  readonly ifname: string;
  readonly link_type: string;
  readonly flags: readonly string[];
  /** How it makes itself link-local addresses. */
  readonly inet6_addr_gen_mode?: string;
}

interface Addresses {
  readonly ifname: string;
  readonly addr_info: readonly { readonly family: string; readonly scope: string; readonly tentative?: true }[];
}

function hasCarrier({ link_type, flags }: Link): boolean {
  return link_type === 'ether' && flags.includes('LOWER_UP');
}

function isSettled({ inet6_addr_gen_mode }: Link, addresses: Addresses['addr_info']): boolean {
  // One of an MTU too small for IPv6 has no mode.
  const makesOwn = inet6_addr_gen_mode !== undefined && inet6_addr_gen_mode !== 'none';
  const hasOwn = addresses.some(({ family, scope }) => family === 'inet6' && scope === 'link');
  return (hasOwn || !makesOwn) && !addresses.some(({ tentative }) => tentative);
}
