// The node's addresses, and how the node reaches those of the pod.
import { CNIError } from '@spider/cni-skel';
import { InterfaceAddress, Address as IPAddress } from '@spider/ip';
import {
  familyOf,
  hostPrefix,
  type Link,
  link,
  mainTable,
  type Route,
  type Rtnetlink,
  type Selected,
} from '@spider/rtnetlink';
import { Code } from '../errors.ts';
import type { NodeAddress, NodeView } from '../facts.ts';
import { toRouteInput } from '../route.ts';
import { addressOf, isUsable, type ObservedAddress } from './fields.ts';

/** The node's global addresses. Many links may have the same one (ptp): it counts once, for the first of them. */
export function nodeAddressesOf(node: Rtnetlink, addresses: readonly ObservedAddress[]): NodeAddress[] {
  const first = new Map<string, ObservedAddress>();
  for (const candidate of addresses.filter(isUsable)) {
    const address = addressOf(candidate);
    const known = first.get(address);
    // Links on which the address is in a LAN come first.
    if (!known || (isFullLength(known) && !isFullLength(candidate))) first.set(address, candidate);
  }
  const indexes = new Set<number>();
  for (const { index } of first.values()) indexes.add(index);
  const links = new Map<number, Selected<Link, 'name' | 'up' | 'info.kind'>>();
  for (const found of node.batch([...indexes].map(index => link.get({ index }, ['index', 'name', 'up', 'info.kind']))))
    if (found) links.set(found.index, found);
  const found: NodeAddress[] = [];
  for (const [address, candidate] of first) {
    const on = links.get(candidate.index);
    if (on)
      found.push({ address, dev: on.name!, up: on.up, forPod: isFullLength(candidate) && on.info?.kind === 'veth' });
  }
  return found;
}

/** True for an address with a full-length prefix. */
function isFullLength(candidate: ObservedAddress): boolean {
  return candidate.address === hostPrefix(addressOf(candidate));
}

/** The node's addresses whose prefix contains the pod's address. */
export function inLanOf(own: string, addresses: readonly ObservedAddress[]): ObservedAddress[] {
  return addresses.filter(isUsable).filter(({ address }) => {
    return (
      familyOf(own) === familyOf(address!) && InterfaceAddress.parse(address!).prefix.contains(IPAddress.parse(own))
    );
  });
}

/** @throws CNIError if the node itself has the address */
export function viewOf(
  own: string,
  addresses: readonly ObservedAddress[],
  path: Pick<Route, 'type' | 'prefsrc'> | undefined,
  match: Route | undefined,
): NodeView {
  if (path?.type === 'local')
    throw new CNIError(Code.AddressConflict, `address ${own} of the pod: is an address of the node too`);
  const exact = match?.table === mainTable && match.dst?.startsWith(`${own}/`) && /\/(32|128)$/.test(match.dst);
  return { source: sourceTo(own, addresses, path, match), route: exact ? toRouteInput(match) : undefined };
}

/** An address of the node in a LAN of the pod's address, even if another route to a part of the LAN has another source. */
function sourceTo(
  own: string,
  addresses: readonly ObservedAddress[],
  path: Pick<Route, 'prefsrc'> | undefined,
  match: Route | undefined,
): string | undefined {
  const source = path?.prefsrc;
  // The kernel's route to a LAN has the source that is in it. If the default route matches, the node is in no such LAN.
  if (path && (!match || match.protocol === 'kernel' || match.dst?.endsWith('/0'))) return source;
  const inLan = inLanOf(own, addresses).map(addressOf);
  return source !== undefined && (inLan.length === 0 || inLan.includes(source)) ? source : inLan[0];
}
