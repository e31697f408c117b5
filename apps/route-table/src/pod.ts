// Reads the facts about a pod: its NIC, and all routes and rules of its network namespace.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { NetNs } from '@spider/netns';
import {
  type Address,
  address,
  type Link,
  link,
  type Route,
  Rtnetlink,
  type Rule,
  route,
  rule,
  withoutLength,
} from '@spider/rtnetlink';

/**
 * The protocol number of our rules, and of the routes that are not copies (RTPROT; 0 to 255, this one is unassigned in
 * <linux/rtnetlink.h>).
 */
export const protocol = 87;

/** The plugin's own error codes (SPEC section 5: plugins may use 100 and above). */
export const Code = {
  /** The kernel refused a change; everything was undone. */
  KernelRefused: 100,
  /** CHECK: a route or rule is missing, or differs from what ADD makes. */
  Differs: 101,
  /** The configured table has routes of another NIC. */
  TableTaken: 102,
} as const;

/** A NIC of the pod. */
export interface Nic {
  readonly name: string;
  readonly index: number;
  /** Its global addresses, canonical, without prefix length. */
  readonly addresses: readonly string[];
}

/** Everything that a plan depends on besides the configuration and `prevResult`. */
export interface Facts {
  readonly nic: Nic;
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
}

/** Opens an rtnetlink socket in a network namespace. */
export function open(netns: string): Rtnetlink {
  using namespace = NetNs.open(netns);
  return Rtnetlink.openIn(namespace);
}

/** The facts, without a NIC if it is gone. */
export function look(pod: Rtnetlink, ifName: string): Omit<Facts, 'nic'> & { readonly nic: Nic | undefined } {
  const [found, addresses, routes, rules] = pod.batch([
    link.get({ name: ifName }),
    address.list(),
    route.list(),
    rule.list(),
  ]);
  return { nic: found && nicOf(found, addresses), routes, rules };
}

/** @throws CNIError if there is no such NIC, or it has no global address */
export function observe(pod: Rtnetlink, ifName: string): Facts {
  const { nic, ...facts } = look(pod, ifName);
  if (!nic)
    throw new CNIError(ErrorCode.InvalidNetworkConfig, `link ${ifName} in the pod: missing`, {
      details: 'route-table must be chained after the plugin that makes this interface',
    });
  if (nic.addresses.length === 0)
    throw new CNIError(ErrorCode.InvalidNetworkConfig, `link ${ifName} in the pod: has no global address`);
  return { nic, ...facts };
}

function nicOf({ name, index }: Link, addresses: readonly Address[]): Nic {
  const own = addresses.filter(candidate => candidate.index === index && candidate.scope === 'global');
  return { name: name!, index, addresses: own.flatMap(({ address }) => (address ? [withoutLength(address)] : [])) };
}
