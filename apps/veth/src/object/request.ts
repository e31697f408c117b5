// The requests that bring the kernel's objects into the planned state, and back.
import { address, altName, familyOf, link, neighbour, type Request, route, rule } from '@spider/rtnetlink';
import { withDevice } from './device.ts';
import type { Kind, Kinds, NetlinkObject } from './object.ts';

interface Requests<K extends Kind> {
  /** Replaces an object with the same key, if the kernel can. */
  ensure(object: Kinds[K] & Record<string, unknown>): Request<void>;
  /** Fails with EEXIST if there is an object with the same key. */
  readonly create?: (object: Kinds[K]) => Request<void>;
  /** Adds behind objects with the same key, if there can be several. */
  readonly append?: (object: Kinds[K]) => Request<void>;
  /** Adds before them. */
  readonly prepend?: (object: Kinds[K]) => Request<void>;
  drop(object: Kinds[K] & Record<string, unknown>): Request<void>;
}

const requests: { readonly [K in Kind]: Requests<K> } = {
  link: {
    ensure: object => link.set(object),
    drop: object => link.delete(object),
  },
  altName: {
    ensure: ({ index, name }) => altName.add({ index: index as number, altNames: [name] }),
    drop: ({ index, name }) => altName.delete({ index: index as number, altNames: [name] }),
  },
  address: {
    ensure: object => address.replace(object),
    append: object => address.add(object),
    drop: object => address.delete(object),
  },
  neighbour: {
    ensure: object => neighbour.replace(object),
    drop: object => neighbour.delete(object),
  },
  route: {
    ensure: object => route.replace(object),
    create: object => route.add(object),
    append: object => route.append(object),
    prepend: object => route.prepend(object),
    drop: ({ protocol, ...object }) => route.delete(isPathsOfIPv6(object) ? object : { ...object, protocol }),
  },
  rule: {
    ensure: object => rule.add(object),
    append: object => rule.append(object),
    prepend: object => rule.append(object),
    drop: object => rule.delete(object),
  },
};

/** Each path of IPv6 has a protocol of its own, of which the kernel reports the first alone. */
function isPathsOfIPv6({ dst, nexthops }: Omit<Kinds['route'], 'protocol'>): boolean {
  return nexthops !== undefined && familyOf(dst) === 'inet6';
}

/** The request that brings the object into its planned state. `index` is that of its device. */
export function ensure(object: NetlinkObject, index: number): Request<void> {
  if (object.absent) return drop(object, index);
  const { ensure, append = ensure } = requests[object.kind] as Requests<Kind>;
  return (object.behind ? append : ensure)(withDevice(object, index));
}

/** As `ensure`, but a route fails with EEXIST if there is one with the same key. */
export function create(object: NetlinkObject, index: number): Request<void> {
  const { create } = requests[object.kind] as Requests<Kind>;
  return create && !object.absent && !object.behind ? create(withDevice(object, index)) : ensure(object, index);
}

/** The request that restores a removed object, at its former position among those with the same key. */
export function restore(object: NetlinkObject, index: number): Request<void> {
  const { ensure, append = ensure, prepend = ensure } = requests[object.kind] as Requests<Kind>;
  return (object.behind ? append : prepend)(withDevice(object, index));
}

/** The request that removes the object. */
export function drop(object: NetlinkObject, index: number): Request<void> {
  return (requests[object.kind] as Requests<Kind>).drop(withDevice(object, index));
}
