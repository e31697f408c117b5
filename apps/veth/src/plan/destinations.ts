// The destinations that the pod reaches through the node.
import { Address, InterfaceAddress, Prefix } from '@spider/ip';
import { familyOf, hostPrefix } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import type { Selector } from '../config/value.ts';
import type { Facts, NodeAddress } from '../facts.ts';
import { isConnected, isOwnLan } from './connected.ts';
import type { Path } from './path.ts';
import { moves } from './rehome.ts';

/** Node-local services at link-local addresses, such as a DNS cache. On the LAN another node might answer for them. */
const nodeLocal = '169.254.0.0/16';

/**
 * The prefixes, each once: the node's addresses, node-local services, and the configured CIDRs. A CIDR that equals a LAN of
 * the NIC is left out: the NIC reaches that directly, as it does a LAN within a CIDR.
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
 * Addresses of the node in a LAN whose route stays in `main`. That route would send packets to the node out of the NIC,
 * where they cannot reach it (a macvlan never reaches its parent).
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
    .filter(
      candidate =>
        (isIncludedByDefault(candidate) || isSelected(candidate, include)) && !isSelected(candidate, exclude),
    )
    .map(({ address }) => hostPrefix(address));
}

function isIncludedByDefault({ up, forPod }: NodeAddress): boolean {
  return up && !forPod;
}

function isSelected({ address, dev }: NodeAddress, selectors: readonly Selector[]): boolean {
  return selectors.some(selector =>
    'dev' in selector ? selector.dev === dev : selector.prefix.contains(Address.parse(address)),
  );
}
