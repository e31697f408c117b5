// What the pod reaches through the node.
import { Address } from '@spider/ip';
import type { Config } from '../config/config.ts';
import type { Selector } from '../config/value.ts';
import type { Facts, NodeAddress } from '../facts.ts';
import { hostPrefix } from './prefix.ts';

/**
 * Services that each node runs for itself at a link-local address, such as a DNS cache. On the LAN another node might
 * answer for them.
 */
const nodeLocal = '169.254.0.0/16';

/** The prefixes, each once: the node's own addresses, what is local to it, and the configured CIDRs. */
export function destinationsOf({ cidrs, nodeAddresses: { include, exclude } }: Config, { node }: Facts): string[] {
  const own = node.addresses.filter(
    candidate => (candidate.up || isSelected(candidate, include)) && !isSelected(candidate, exclude),
  );
  return [...new Set([...own.map(({ address }) => hostPrefix(address)), nodeLocal, ...cidrs.map(String)])];
}

function isSelected({ address, dev }: NodeAddress, selectors: readonly Selector[]): boolean {
  return selectors.some(selector =>
    'dev' in selector ? selector.dev === dev : selector.prefix.contains(Address.parse(address)),
  );
}
