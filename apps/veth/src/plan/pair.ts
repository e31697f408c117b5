// The pair: new, or as a pair that is there shall be.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { MacAddress } from '@spider/ip';
import type { Config } from '../config/config.ts';
import { podEnd } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { type Family, familyOf } from '../family.ts';
import { type Attachment, namesOf, type PairNames } from '../names.ts';
import type { DesiredObject, NetlinkObject, Place } from '../object/object.ts';
import { isOnly } from './strays.ts';

/** The veth pair that shall be there. */
export interface DesiredPair extends PairNames {
  readonly podName: string;
  /** Bytes, both ends. */
  readonly mtu: number;
}

/** Bytes. The kernel has no IPv6 on a link with less (RFC 8200, section 5). */
const leastForIPv6 = 1280;

/** @throws CNIError where its MTU would be too small for the NIC's addresses. */
export function pairOf(config: Config, facts: Facts, attachment: Attachment): DesiredPair {
  const { nic, pair } = facts;
  const own = namesOf(attachment.containerID);
  // The MTU that several NICs share is that of the one for which the pair was made, whichever that was.
  const mtu = pair && !isOnly(facts, attachment) ? pair.mtu : (config.mtu ?? nic.mtu);
  if (mtu < leastForIPv6 && nic.addresses.some(address => familyOf(address) === 'inet6'))
    throw new CNIError(
      ErrorCode.InvalidNetworkConfig,
      `mtu: ${mtu} is less than ${leastForIPv6}, which the IPv6 addresses of link ${nic.name} need`,
    );
  if (!pair) return { ...own, podName: podEnd, mtu };
  const { hostName } = pair;
  // One that was made for another container, or renamed, does not tell what it was made with.
  const { hostAddress, podAddress } = hostName === own.hostName ? own : pair;
  return { hostName, hostAddress, podAddress, podName: podEnd, mtu };
}

/** What of a pair that is there is not as an ADD makes it. */
export function pairObjects(
  { pair, nic }: Facts,
  { podName, podAddress, hostAddress, mtu }: DesiredPair,
): DesiredObject[] {
  if (!pair) return [];
  const has = (family: Family) => nic.addresses.some(address => familyOf(address) === family);
  // The pod end goes up in any case. An address that is set even to what it is costs the link all permanent neighbours.
  return [
    ...end('pod', podName, {
      ...(pair.podMtu !== mtu && { mtu }),
      ...(pair.podAddress !== podAddress && { address: podAddress }),
      ...(pair.podMaster && { master: 0 }),
    }),
    ...end('node', pair.hostName, {
      ...(!pair.hostUp && { up: true }),
      ...(pair.mtu !== mtu && { mtu }),
      ...(pair.hostAddress !== hostAddress && { address: hostAddress }),
      ...(pair.hostMaster && { master: 0 }),
    }),
    ...(has('inet6') && !pair.linkLocal ? [linkLocalOf(podName, podAddress)] : []),
    ...(has('inet') && !pair.forwards ? [forwardingOf(pair.hostName)] : []),
  ];
}

/**
 * The pod end's own address, without which netfilter's REDIRECT drops what comes in through the pair. The kernel makes one
 * when the link goes up; how it does makes no difference. The host end needs none: it forwards.
 */
function linkLocalOf(dev: string, hardwareAddress: string): DesiredObject {
  const address = `${MacAddress.parse(hardwareAddress).toLinkLocal()}/64`;
  return { kind: 'address', place: 'pod', dev, wanted: { address, scope: 'link' }, behind: true };
}

function forwardingOf(dev: string): DesiredObject {
  return { kind: 'sysctl', place: 'node', key: `net/ipv4/conf/${dev}/forwarding`, value: '1' };
}

function end(place: Place, dev: string, wanted: LinkChange): NetlinkObject[] {
  return Object.keys(wanted).length > 0 ? [{ kind: 'link', place, dev, wanted, early: true }] : [];
}

type LinkChange = { readonly up?: true; readonly mtu?: number; readonly address?: string; readonly master?: 0 };
