// The pair: a new one, or the changes to an existing one.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { familyOf } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { podEnd } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { type Attachment, namesOf, type PairNames } from '../names.ts';
import type { DesiredObject, NetlinkObject, Place } from '../object/object.ts';
import { isOnly } from './obsolete.ts';

/** The wanted veth pair. */
export interface DesiredPair extends PairNames {
  readonly podName: string;
  /** Bytes, for both ends. */
  readonly mtu: number;
}

/** Bytes. On a link with a smaller MTU the kernel disables IPv6 (RFC 8200, section 5). */
const leastForIPv6 = 1280;

/** @throws CNIError if its MTU would be too small for IPv6, and the NIC has an IPv6 address */
export function pairOf(config: Config, facts: Facts, attachment: Attachment): DesiredPair {
  const { nic, pair } = facts;
  const own = namesOf(attachment.containerID);
  const wanted = config.mtu ?? nic.mtu;
  // If several NICs share the pair, it keeps its MTU; and also when one of them is left whose routes carry a smaller one.
  const isKept = pair && (!isOnly(facts, attachment) || carries(wanted, facts));
  const mtu = isKept ? pair.mtu : wanted;
  if (mtu < leastForIPv6 && nic.addresses.some(isIPv6))
    throw new CNIError(
      ErrorCode.InvalidNetworkConfig,
      `mtu: ${mtu} is less than ${leastForIPv6}, which the IPv6 addresses of link ${nic.name} need`,
    );
  if (!pair) return { ...own, podName: podEnd, mtu };
  const { hostName } = pair;
  // A pair that was made for another container ID, or renamed, keeps its addresses: the original ones are not known.
  const { hostAddress, podAddress } = hostName === own.hostName ? own : pair;
  return { hostName, hostAddress, podAddress, podName: podEnd, mtu };
}

const isIPv6 = (address: string) => familyOf(address) === 'inet6';

function carries(mtu: number, { nic, ours }: Facts): boolean {
  return ours.pod.routes.some(
    ({ prefsrc, metrics }) => metrics?.mtu === mtu && prefsrc !== undefined && nic.addresses.includes(prefsrc),
  );
}

/** The changes that an existing pair needs. */
export function pairObjects(
  { pair, nic }: Facts,
  { podName, podAddress, hostAddress, mtu }: DesiredPair,
): DesiredObject[] {
  if (!pair) return [];
  // The pair of a NIC that came later may have been made for another NIC, with a smaller MTU, that is gone.
  const isLater = nic.ownTables.size > 0 || nic.index > pair.podIndex;
  const shared = isLater && pair.podMtu === pair.mtu && pair.mtu < mtu;
  // Not `up` for the pod end, which is always set up later. Setting an address, even to the present one, deletes all
  // permanent neighbours of the link.
  return [
    ...linkObjects('pod', podName, { ...(pair.podMtu !== mtu && { mtu }) }, shared),
    ...linkObjects('pod', podName, {
      ...(pair.podAddress !== podAddress && { address: podAddress }),
      ...(pair.podMaster && { master: 0 }),
    }),
    ...linkObjects('node', pair.hostName, { ...(pair.mtu !== mtu && { mtu }) }, shared),
    ...linkObjects('node', pair.hostName, {
      ...(!pair.hostUp && { up: true }),
      ...(pair.hostAddress !== hostAddress && { address: hostAddress }),
      ...(pair.hostMaster && { master: 0 }),
    }),
  ];
}

function linkObjects(place: Place, dev: string, wanted: LinkChange, shared = false): NetlinkObject[] {
  const object = { kind: 'link', place, dev, wanted, early: true } as const;
  return Object.keys(wanted).length > 0 ? [{ ...object, ...(shared && { shared }) }] : [];
}

type LinkChange = { readonly up?: true; readonly mtu?: number; readonly address?: string; readonly master?: 0 };
