// The fixed numbers, names and addresses of the datapath, by which every call recognises what earlier calls made.

/**
 * The protocol number of all our routes, rules and neighbours (RTPROT; 0 to 255, this one is unassigned in
 * <linux/rtnetlink.h>).
 */
export const protocol = 86;

/** True for an object with our protocol number. */
export function isOurs({ protocol: tag }: { readonly protocol?: string | number | undefined }): boolean {
  return tag === protocol;
}

/** The name of the pod end of the pair. */
export const podEnd = 'veth0';

/** The gateways of the pod's routes. No node has these addresses, so they never change. */
export const gateways = { inet: '169.254.1.1', inet6: 'fe80::1' } as const;

/**
 * The pod end's IPv4 address. It is never a source, because all our routes name one. For IPv6 there is a link-local one.
 */
export const podEndAddress = '169.254.1.2/32';

/** The pod end's IPv4 address while the other is replaced. */
export const temporaryAddress = '169.254.1.3/32';

/**
 * The table of a secondary NIC, and the metric of its routes in `main`, which is greater than a primary NIC's in both
 * families. The index is unique as long as the NIC exists.
 */
export function ownTable(nicIndex: number): number {
  return 8600 + nicIndex;
}

/** Rules that lead to these tables: before main (32766), after the lowest priorities, which applications and meshes use. */
export const rulePriority = 8600;

/** Rules that lead to the LAN of a secondary NIC. */
export const lanRulePriority = 8602;

/** Rules before those, which keep a primary NIC's traffic to the same LAN, and to its LANs within that, in main. */
export const lanExceptionPriority = 8601;

/**
 * Rules that lead to a secondary NIC's table if neither main (32766) nor default (32767) has a route, because the primary
 * NIC is gone.
 */
export const fallbackRulePriority = 32768;

/** The table that routes replies through the pair. */
export const replyTable = 8600;

/** Rules that lead to it: before those of the NICs, because the connection takes precedence over the address. */
export const replyRulePriority = 8599;
