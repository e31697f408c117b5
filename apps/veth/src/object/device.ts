// Objects name their device, and the kernel knows its index.
import type { Kind, Kinds, NetlinkObject } from './object.ts';

/** The field that holds the index. */
export const deviceFields = {
  link: 'index',
  altName: 'index',
  address: 'index',
  neighbour: 'index',
  route: 'oif',
  rule: undefined,
} as const satisfies Record<Kind, string | undefined>;

/** What is wanted, with the index. */
export function withDevice(
  { kind, wanted, rival }: NetlinkObject,
  index: number,
): Kinds[Kind] & Record<string, unknown> {
  const device = deviceFields[kind];
  // The paths of a multipath route name their devices themselves, and so does a nexthop object.
  const named = rival || 'nexthops' in wanted || 'nexthopId' in wanted;
  return device && !named ? { ...wanted, [device]: index } : { ...wanted };
}
