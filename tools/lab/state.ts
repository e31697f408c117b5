// The network state of a namespace as text, to compare states before and after an operation.
import { inside, type Namespace, run, show } from './namespace.ts';

/** Sorted lines, so that a difference shows what was added and what was removed. */
export interface State {
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  /** Configured entries only, without those that the kernel learns and forgets by itself. */
  readonly neighbours: readonly string[];
  readonly nftables: readonly string[];
  readonly sysctls: readonly string[];
}

/** The current state. Waits until it has settled. */
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

/** The line without the state of the carrier, which changes by itself after a link comes up or loses its peer. */
function settled(line: string): string {
  return line.replace(/NO-CARRIER,|,LOWER_UP| state \S+| linkdown| tentative/g, '');
}

/**
 * Waits until the kernel has finished its own work after links came up, which can take seconds on a busy machine: each link
 * with carrier has a link-local address, and none of its addresses is tentative, as addresses are for a moment even without
 * duplicate address detection. An earlier state would differ from all later ones.
 * @throws Error names the links that are not ready after half a minute
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
  /** How the kernel generates the link's link-local address. */
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
  // A link whose MTU is too small for IPv6 has no mode.
  const makesOwn = inet6_addr_gen_mode !== undefined && inet6_addr_gen_mode !== 'none';
  const hasOwn = addresses.some(({ family, scope }) => family === 'inet6' && scope === 'link');
  return (hasOwn || !makesOwn) && !addresses.some(({ tentative }) => tentative);
}
