// Waits for addresses that a NIC does not have yet, or cannot use yet.
import { CNIError } from '@spider/cni-skel';
import { type Address, address, addressFlags, type Rtnetlink } from '@spider/rtnetlink';
import { Code } from '../errors.ts';
import type { Site } from '../sites.ts';
import { readSysctl } from '../sysctl.ts';
import { addressFields, type ObservedAddress, type ObservedLink } from './fields.ts';

/** Milliseconds. Duplicate address detection takes one to two seconds. */
const detectionTimeout = 3000;
const detectionInterval = 20;

/**
 * Waits until the NIC's addresses are no longer tentative, because a tentative one cannot be the source of a route. Returns
 * the pod's addresses.
 * @throws CNIError if another host on the link has an address
 */
export function awaitDetection(
  pod: Rtnetlink,
  { name, index }: ObservedLink,
  found: readonly ObservedAddress[],
): readonly ObservedAddress[] {
  const is = (flag: number) => (candidate: ObservedAddress) =>
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

/** Milliseconds. Detection for the link-local address and the router solicitation after it take up to two seconds each. */
const advertisementTimeout = 5000;

/**
 * If the NIC has no global address and accepts router advertisements (RFC 4862), waits until it has one. Returns the pod's
 * addresses.
 */
export function awaitAdvertisement(
  { namespace, rtnetlink }: Site,
  { name, index }: ObservedLink,
  found: readonly ObservedAddress[],
) {
  let addresses = found;
  const own = (scope: Address['scope']) => addresses.some(one => one.index === index && one.scope === scope);
  const listens = () => Number(readSysctl(namespace, `net/ipv6/conf/${name}/accept_ra`) ?? 0) > 0;
  if (own('global') || !own('link') || !listens()) return found;
  for (let waited = 0; !own('global') && waited < advertisementTimeout; waited += detectionInterval)
    addresses = listLater(rtnetlink);
  return addresses;
}

function listLater(pod: Rtnetlink): ObservedAddress[] {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, detectionInterval);
  return pod.execute(address.list({}, addressFields));
}
