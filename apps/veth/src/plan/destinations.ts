// What the pod reaches through the node.
import { Address, InterfaceAddress, Prefix } from '@spider/ip';
import type { Config } from '../config/config.ts';
import type { Selector } from '../config/value.ts';
import type { Facts, NodeAddress } from '../facts.ts';
import { familyOf } from '../family.ts';
import { hostPrefix } from '../prefix.ts';
import { isConnected, isOwnLan } from './connected.ts';
import type { Path } from './path.ts';
import { moves } from './rehome.ts';

/**
 * Services that each node runs for itself at a link-local address, such as a DNS cache. On the LAN another node might
 * answer for them.
 */
const nodeLocal = '169.254.0.0/16';

/**
 * The prefixes, each once: the node's own addresses, what is local to it, and the configured CIDRs, but for one that is the
 * whole LAN of the NIC: that is reached by the NIC, as are LANs within a CIDR.
 */
export function destinationsOf(config: Config, facts: Facts): string[] {
  const destinations = new Set([...nodeDestinations(config, facts), nodeLocal, ...config.cidrs.map(String)]);
  for (const lan of facts.nic.lans)
    if (config.cidrs.some(({ length }) => lan.endsWith(`/${length}`))) destinations.delete(prefixOf(lan));
  return [...destinations];
}

function prefixOf(address: string): string {
  return InterfaceAddress.parse(address).prefix.toString();
}

/**
 * Addresses of the node in those LANs of a NIC that stay in `main`, which would send them out of the NIC, where the node is
 * out of reach (macvlan and its parent never talk).
 */
export function shadowedDestinations(config: Config, facts: Facts, path: Path): string[] {
  const { nic, family } = path;
  const lans = nic.routes
    .filter(found => found.table === 'main' && familyOf(found.route.dst) === family && isConnected(nic, found))
    .filter(found => !(moves(config, path) && isOwnLan(facts, nic, found)))
    .map(({ route }) => Prefix.parse(route.dst));
  return nodeDestinations(config, facts).filter(
    dst => familyOf(dst) === family && lans.some(lan => lan.contains(Prefix.parse(dst))),
  );
}

function nodeDestinations({ nodeAddresses: { include, exclude } }: Config, { node }: Facts): string[] {
  return node.addresses
    .filter(candidate => (isUsual(candidate) || isSelected(candidate, include)) && !isSelected(candidate, exclude))
    .map(({ address }) => hostPrefix(address));
}

function isUsual({ up, forPod }: NodeAddress): boolean {
  return up && !forPod;
}

function isSelected({ address, dev }: NodeAddress, selectors: readonly Selector[]): boolean {
  return selectors.some(selector =>
    'dev' in selector ? selector.dev === dev : selector.prefix.contains(Address.parse(address)),
  );
}
