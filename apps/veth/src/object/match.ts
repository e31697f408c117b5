// Finds the kernel's object that corresponds to a planned one, and how it differs.
import { familyOf } from '@spider/rtnetlink';
import { deviceFields, withDevice } from './device.ts';
import type { Actual, Kind, Kinds, NetlinkObject } from './object.ts';
import { distinctions, extrasOf } from './rule.ts';
import { valueText } from './text.ts';

interface MatchRules<K extends Kind> {
  /** The fields that identify an object. */
  readonly key: readonly (keyof Kinds[K])[];
  /** The kernel's defaults for key fields that the plan leaves out. A field without a default matches any value. */
  readonly defaults?: (object: Kinds[K]) => Partial<Kinds[K]>;
  /** Further key fields of a candidate: it is another object if the wanted one does not have them too. */
  readonly extraKey?: (candidate: Readonly<Record<string, unknown>>) => readonly string[];
  /** Fields that must have this value, or be unset, unless the plan sets them. */
  readonly neutral?: { readonly [Name in keyof Kinds[K]]?: unknown };
}

/** The metrics of routes that are added without one (for IPv6 IP6_RT_PRIO_USER). */
export const defaultMetrics = { inet: 0, inet6: 1024 } as const;

const matchRules: { readonly [K in Kind]: MatchRules<K> } = {
  // The pair's other flags, its group and its queue do not affect packets: all neighbours are permanent.
  link: { key: [] },
  altName: { key: ['name'] },
  address: {
    // The kernel cannot change the scope, the peer or the broadcast address of an existing address.
    key: ['address', 'scope'],
    extraKey: found => ['peer', 'broadcast'].filter(name => found[name] !== undefined),
    // Label, metric and flags do not affect packets: the address has no route, and our routes name another source.
    neutral: { expires: undefined },
  },
  // Flags do not matter: a permanent neighbour is never solicited and never expires.
  neighbour: { key: ['dst'] },
  route: {
    key: ['dst', 'tos', 'table', 'priority'],
    defaults: ({ dst }) => ({ tos: 0, priority: defaultMetrics[familyOf(dst)] }),
    extraKey: ({ src }) => (src === undefined ? [] : ['src']),
    // The scope matters only with SO_DONTROUTE.
    neutral: {
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
    extraKey: found => [...distinctions.filter(name => found[name] !== undefined), ...extrasOf(found)],
  },
};

/** The kernel's object that the planned one replaces, if any. A route replaces one through any device. */
export function findExisting(
  object: NetlinkObject,
  index: number,
  actual: Actual,
): Readonly<Record<string, unknown>> | undefined {
  const { kind, behind, wanted } = object;
  if (kind !== 'route' || behind) return actual[kind].find(candidate => matches(object, index, candidate));
  const alike = actual.route.filter(candidate => hasKey(object, candidate));
  // IPv6 replaces the first route that is as the new one in whether it can be a path of a multipath route.
  const replaced =
    familyOf(wanted.dst) === 'inet6' &&
    alike.find(candidate => qualifiesForMultipath(candidate) === qualifiesForMultipath(wanted));
  return replaced || alike[0];
}

/** As rt6_qualify_for_ecmp() of the kernel. */
function qualifiesForMultipath({ gateway, nexthops, nexthopId }: Readonly<Record<string, unknown>>): boolean {
  return nexthopId === undefined && (gateway ?? nexthops) !== undefined;
}

/** True if the candidate has the planned object's key and device. */
export function matches(object: NetlinkObject, index: number, candidate: Readonly<Record<string, unknown>>): boolean {
  const device = deviceFields[object.kind];
  const names = [...(device ? [device] : []), ...(object.behind ? ['gateway'] : [])];
  return hasKey(object, candidate) && agree(withDevice(object, index), candidate, names);
}

/** True if the candidate has the planned object's key, on any device. */
export function hasKey(object: NetlinkObject, candidate: Readonly<Record<string, unknown>>): boolean {
  const { key, defaults, extraKey } = matchRules[object.kind] as MatchRules<Kind>;
  const wanted: Readonly<Record<string, unknown>> = { ...defaults?.(object.wanted), ...object.wanted };
  return agree(wanted, candidate, key) && !extraKey?.(candidate).some(name => !same(wanted[name], candidate[name]));
}

function agree(
  wanted: Readonly<Record<string, unknown>>,
  candidate: Readonly<Record<string, unknown>>,
  names: readonly string[],
): boolean {
  return names.every(name => wanted[name] === undefined || same(wanted[name], candidate[name] ?? 0));
}

/** How the kernel's object differs from the planned one: `gateway is 10.0.0.1`. */
export function differences({ kind, wanted }: NetlinkObject, actual: Readonly<Record<string, unknown>>): string[] {
  const { neutral = {} } = matchRules[kind] as MatchRules<Kind>;
  const unwanted = Object.entries(neutral)
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
