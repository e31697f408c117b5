// Which of the kernel's objects is the wanted one, and how it differs from that.
import { familyOf } from '../family.ts';
import { deviceFields, withDevice } from './device.ts';
import type { Actual, Kind, Kinds, NetlinkObject } from './object.ts';
import { extrasOf, selectors } from './rule.ts';
import { valueText } from './text.ts';

interface Likeness<K extends Kind> {
  /** The fields that tell one object from another. */
  readonly key: readonly (keyof Kinds[K])[];
  /** What the kernel takes for fields of the key that are not wanted. Of others any value will do. */
  readonly defaults?: (object: Kinds[K]) => Partial<Kinds[K]>;
  /** What makes an object another, where it has it and the wanted one has not. */
  readonly distinct?: (candidate: Readonly<Record<string, unknown>>) => readonly string[];
  /** What is not to be there unless it is wanted, and what is there in its stead. */
  readonly nothingElse?: { readonly [Name in keyof Kinds[K]]?: unknown };
}

/** Of a route that is put without one (of IPv6, IP6_RT_PRIO_USER). */
export const defaultMetrics = { inet: 0, inet6: 1024 } as const;

const likenesses: { readonly [K in Kind]: Likeness<K> } = {
  // Other flags of an end of the pair, its group and its queue matter to no packet of ours: its neighbours are permanent.
  link: { key: [] },
  altName: { key: ['name'] },
  address: {
    // Of an address that is there the kernel changes neither scope nor peer nor broadcast address.
    key: ['address', 'scope'],
    distinct: found => ['peer', 'broadcast'].filter(name => found[name] !== undefined),
    // Label, metric and flags matter to no packet: the kernel makes no route of it, and ours name another source.
    nothingElse: { expires: undefined },
  },
  // Whatever its flags say, a permanent one is neither asked nor forgotten.
  neighbour: { key: ['dst'] },
  route: {
    key: ['dst', 'tos', 'table', 'priority'],
    defaults: ({ dst }) => ({ tos: 0, priority: defaultMetrics[familyOf(dst)] }),
    distinct: ({ src }) => (src === undefined ? [] : ['src']),
    // Its scope matters to a sender that wants no gateway alone (SO_DONTROUTE).
    nothingElse: {
      type: 'unicast',
      gateway: undefined,
      via: undefined,
      metrics: undefined,
      nexthopId: undefined,
      nexthops: undefined,
      encap: undefined,
      flow: undefined,
      expires: undefined,
      pref: 'medium',
    },
  },
  rule: {
    key: ['priority', 'family', 'src', 'dst', 'mark', 'mask', 'table', 'protocol'],
    distinct: found => [...selectors.filter(name => found[name] !== undefined), ...extrasOf(found)],
  },
};

/** What the kernel has in the object's place, which it takes; of routes one to anywhere. Undefined where there is nothing. */
export function find(
  object: NetlinkObject,
  index: number,
  actual: Actual,
): Readonly<Record<string, unknown>> | undefined {
  const { kind, behind, wanted } = object;
  if (kind !== 'route' || behind) return actual[kind].find(candidate => matches(object, index, candidate));
  const alike = actual.route.filter(candidate => hasKey(object, candidate));
  // Of several IPv6 replaces the first that is as the new one in this: whether it could be a path beside others.
  const alike6 = familyOf(wanted.dst) === 'inet6' && alike.find(candidate => isPath(candidate) === isPath(wanted));
  return alike6 || alike[0];
}

function isPath({ gateway, nexthops, nexthopId }: Readonly<Record<string, unknown>>): boolean {
  return nexthopId === undefined && (gateway ?? nexthops) !== undefined;
}

/** True for what stands in the object's place. */
export function matches(object: NetlinkObject, index: number, candidate: Readonly<Record<string, unknown>>): boolean {
  const device = deviceFields[object.kind];
  const names = [...(device ? [device] : []), ...(object.behind ? ['gateway'] : [])];
  return hasKey(object, candidate) && agree(withDevice(object, index), candidate, names);
}

/** True for what has the key of the object, be it on another device. */
export function hasKey(object: NetlinkObject, candidate: Readonly<Record<string, unknown>>): boolean {
  const { key, defaults, distinct } = likenesses[object.kind] as Likeness<Kind>;
  const wanted: Readonly<Record<string, unknown>> = { ...defaults?.(object.wanted), ...object.wanted };
  return agree(wanted, candidate, key) && !distinct?.(candidate).some(name => !same(wanted[name], candidate[name]));
}

function agree(
  wanted: Readonly<Record<string, unknown>>,
  candidate: Readonly<Record<string, unknown>>,
  names: readonly string[],
): boolean {
  return names.every(name => wanted[name] === undefined || same(wanted[name], candidate[name] ?? 0));
}

/** How what is there differs from what is wanted: `gateway is 10.0.0.1`. */
export function differences({ kind, wanted }: NetlinkObject, actual: Readonly<Record<string, unknown>>): string[] {
  const { nothingElse = {} } = likenesses[kind] as Likeness<Kind>;
  const unwanted = Object.entries(nothingElse)
    .filter(([name, usual]) => !(name in wanted) && actual[name] !== undefined && actual[name] !== usual)
    .map(([name]) => name);
  return [
    ...Object.entries(wanted)
      .filter(([name, value]) => value !== undefined && name !== 'expires' && !same(value, actual[name]))
      .map(([name]) => name),
    ...unwanted,
  ].map(name => `${name} is ${actual[name] === undefined ? 'not set' : valueText(actual[name])}`);
}

function same(wanted: unknown, actual: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null)
    return wanted === actual || (wanted === false && actual === undefined);
  if (typeof actual !== 'object' || actual === null) return false;
  const [entries, others] = [Object.entries(wanted), Object.keys(actual)];
  return (
    entries.length === others.length && entries.every(([name, value]) => same(value, actual[name as keyof object]))
  );
}
