// Planned objects name their device. Requests and answers of the kernel have its index.
import type { Kind, Kinds, NetlinkObject } from './object.ts';

/** The field that has the index, for each kind. */
export const deviceFields = {
  link: 'index',
  altName: 'index',
  address: 'index',
  neighbour: 'index',
  route: 'oif',
  rule: undefined,
} as const satisfies Record<Kind, string | undefined>;

/** The wanted fields, with the index of the device. */
export function withDevice(
  { kind, wanted, rival }: NetlinkObject,
  index: number,
): Kinds[Kind] & Record<string, unknown> {
  const device = deviceFields[kind];
  // The nexthops of a multipath route, or a nexthop object, have the devices' indexes themselves.
  const named = rival || 'nexthops' in wanted || 'nexthopId' in wanted;
  return device && !named ? { ...wanted, [device]: index } : { ...wanted };
}
