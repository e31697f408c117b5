// What is asked of the kernel so that an object is as wanted, or gone.
import { address, altName, link, neighbour, type Request, route, rule } from '@spider/rtnetlink';
import { withDevice } from './device.ts';
import type { Kind, Kinds, NetlinkObject } from './object.ts';

interface Requests<K extends Kind> {
  put(object: Kinds[K] & Record<string, unknown>): Request<void>;
  /** Where its place may be another's: EEXIST where it is. */
  readonly create?: (object: Kinds[K]) => Request<void>;
  /** There may be several that have the same key: behind those that are there, and before them. */
  readonly append?: (object: Kinds[K]) => Request<void>;
  readonly prepend?: (object: Kinds[K]) => Request<void>;
  drop(object: Kinds[K] & Record<string, unknown>): Request<void>;
}

const requests: { readonly [K in Kind]: Requests<K> } = {
  link: {
    put: object => link.set(object),
    drop: object => link.delete(object),
  },
  altName: {
    put: ({ index, name }) => altName.add({ index: index as number, altNames: [name] }),
    drop: ({ index, name }) => altName.delete({ index: index as number, altNames: [name] }),
  },
  address: {
    put: object => address.replace(object),
    append: object => address.add(object),
    drop: object => address.delete(object),
  },
  neighbour: {
    put: object => neighbour.replace(object),
    drop: object => neighbour.delete(object),
  },
  route: {
    put: object => route.replace(object),
    create: object => route.add(object),
    append: object => route.append(object),
    prepend: object => route.prepend(object),
    drop: object => route.delete(object),
  },
  rule: {
    put: object => rule.add(object),
    append: object => rule.append(object),
    prepend: object => rule.append(object),
    drop: object => rule.delete(object),
  },
};

/** The request that makes the object be as wanted. `index` is that of its device. */
export function put(object: NetlinkObject, index: number): Request<void> {
  if (object.absent) return drop(object, index);
  const { put, append = put } = requests[object.kind] as Requests<Kind>;
  return (object.behind ? append : put)(withDevice(object, index));
}

/** As `put`, for what is to have a place of which nobody knows who has it: EEXIST where another does. */
export function create(object: NetlinkObject, index: number): Request<void> {
  const { create } = requests[object.kind] as Requests<Kind>;
  return create && !object.absent && !object.behind ? create(withDevice(object, index)) : put(object, index);
}

/** The request that brings back what was dropped, in its place among those with the same key. */
export function restore(object: NetlinkObject, index: number): Request<void> {
  const { put, append = put, prepend = put } = requests[object.kind] as Requests<Kind>;
  return (object.behind ? append : prepend)(withDevice(object, index));
}

/** The request that removes the object. */
export function drop(object: NetlinkObject, index: number): Request<void> {
  return (requests[object.kind] as Requests<Kind>).drop(withDevice(object, index));
}
