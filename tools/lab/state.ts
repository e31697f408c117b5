// The network state of a namespace as text, to be compared before and after.
import { setTimeout as sleep } from 'node:timers/promises';
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

export function state(namespace: Namespace): State {
  const lines = (...command: string[]) => run(inside(namespace, command)).split('\n').sort();
  const both = (...args: string[]) => [...lines('ip', '-4', ...args), ...lines('ip', '-6', ...args)];
  return {
    links: lines('ip', '-oneline', 'link', 'show').map(settled),
    addresses: lines('ip', '-oneline', 'address', 'show').map(settled),
    routes: both('-details', 'route', 'show', 'table', 'all'),
    rules: both('-details', 'rule', 'show'),
    neighbours: [...lines('ip', 'neighbour', 'show', 'nud', 'permanent'), ...lines('ip', 'neighbour', 'show', 'proxy')],
    nftables: run(inside(namespace, ['nft', 'list', 'ruleset'])).split('\n'),
    sysctls: lines('sysctl', '--all', '--pattern', '^net\\.ipv[46]\\.(conf\\.|neigh\\.|ip_forward)'),
  };
}

/** Without what changes by itself for a moment after a link comes up: its carrier, and duplicate address detection. */
function settled(line: string): string {
  return line.replace(/NO-CARRIER,|,LOWER_UP| state \S+| tentative/g, '');
}

/**
 * Waits until the kernel has done by itself what it does after links came up, up to seconds later on a busy machine: each
 * has a link-local address, and no address is tentative. A state from before that moment would differ from any after it.
 * Throws after 30 s, with the links that are not so far.
 */
export async function settle(namespace: Namespace): Promise<void> {
  for (let tries = 300; ; tries--) {
    const waiting = show<Link>(namespace, 'address', 'show', 'up').filter(link => !isSettled(link));
    if (waiting.length === 0) return;
    if (tries === 0) throw new Error(`not settled: ${waiting.map(({ ifname }) => ifname).join(', ')}`);
    await sleep(100);
  }
}

interface Link {
  readonly ifname: string;
  readonly link_type: string;
  readonly addr_info: readonly { readonly family: string; readonly scope: string; readonly tentative?: true }[];
}

function isSettled({ link_type, addr_info }: Link): boolean {
  return (
    link_type === 'loopback' ||
    (addr_info.some(({ family, scope }) => family === 'inet6' && scope === 'link') &&
      !addr_info.some(({ tentative }) => tentative))
  );
}
