// Addresses that a NIC does not have yet, or cannot use yet.
import { CNIError } from '@spider/cni-skel';
import { type Address, address, addressFlags, type Rtnetlink } from '@spider/rtnetlink';
import { Code } from '../errors.ts';
import type { Site } from '../sites.ts';
import { readSysctl } from '../sysctl.ts';
import { addressFields, type SeenAddress, type SeenLink } from './seen.ts';

/** Milliseconds: the kernel takes one to two seconds to find out whether an IPv6 address is somebody else's. */
const detectionTimeout = 3000;
const detectionInterval = 20;

/**
 * The pod's addresses, once the NIC's are no longer tentative: until then they cannot be the source of a route.
 * @throws CNIError where an address turns out to be in use by another.
 */
export function awaitDetection(
  pod: Rtnetlink,
  { name, index }: SeenLink,
  found: readonly SeenAddress[],
): readonly SeenAddress[] {
  const is = (flag: number) => (candidate: SeenAddress) =>
    candidate.index === index && candidate.scope === 'global' && (candidate.flags & flag) !== 0;
  let addresses = found;
  for (
    let waited = 0;
    addresses.some(is(addressFlags.tentative)) && waited < detectionTimeout;
    waited += detectionInterval
  ) {
    const duplicate = addresses.find(is(addressFlags.dadfailed));
    if (duplicate)
      throw new CNIError(
        Code.AddressConflict,
        `address ${duplicate.address} dev ${name} in the pod: another on the link has it (duplicate address detection)`,
      );
    addresses = listLater(pod);
  }
  return addresses;
}

/** Milliseconds: before it asks for a router the kernel makes sure of its link-local address, each up to two seconds. */
const advertisementTimeout = 5000;

/** The pod's addresses, once the NIC has a global one, where it has none yet and takes the prefix of a router (RFC 4862). */
export function awaitAdvertisement(
  { namespace, rtnetlink }: Site,
  { name, index }: SeenLink,
  found: readonly SeenAddress[],
) {
  let addresses = found;
  const own = (scope: Address['scope']) => addresses.some(one => one.index === index && one.scope === scope);
  const listens = () => Number(readSysctl(namespace, `net/ipv6/conf/${name}/accept_ra`) ?? 0) > 0;
  if (own('global') || !own('link') || !listens()) return found;
  for (let waited = 0; !own('global') && waited < advertisementTimeout; waited += detectionInterval)
    addresses = listLater(rtnetlink);
  return addresses;
}

function listLater(pod: Rtnetlink): SeenAddress[] {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, detectionInterval);
  return pod.execute(address.list({}, addressFields));
}
