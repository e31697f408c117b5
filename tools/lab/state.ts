// The network state of a namespace as text, to be compared before and after.
import { inside, type Namespace, run } from './namespace.ts';

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
