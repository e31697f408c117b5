// A desired object is a value: one link setting, address, neighbour, route, rule, sysctl or ruleset, in the pod or on the
// node.
// Planning makes them, applying puts them, CHECK compares them, and their text is what an operator reads.
import {
  type Address,
  address,
  altName,
  type Link,
  link,
  type Neighbour,
  neighbour,
  type Request,
  type RouteInput,
  type Rule,
  route,
  rule,
} from '@spider/rtnetlink';
import { anywhere, type Family, familyOf } from './facts.ts';

/** Which network namespace an object lives in. */
export type Place = 'pod' | 'node';
/** The order in which they are made: what the node sends must find the pod ready. */
export const places: readonly Place[] = ['pod', 'node'];

/** The kinds of objects that rtnetlink(7) keeps, each with what of it is wanted. The device stands beside it, by name. */
interface Kinds {
  link: Partial<Pick<Link, 'up' | 'address' | 'mtu' | 'alias' | 'txqueuelen' | 'master'>>;
  altName: { readonly name: string };
  address: Pick<Address, 'scope' | 'peer' | 'broadcast'> & { readonly address: string; readonly expires?: number };
  neighbour: { readonly dst: string; readonly address: string } & Pick<Neighbour, 'state' | 'protocol'>;
  route: RouteInput & { readonly dst: string; readonly table: number };
  rule: { readonly priority: number; readonly table: number } & Partial<Rule>;
}

export type Kind = keyof Kinds;

/** An object that rtnetlink(7) keeps. */
export type NetlinkObject = {
  [K in Kind]: {
    readonly kind: K;
    readonly place: Place;
    readonly dev: string;
    readonly wanted: Kinds[K];
    /** ADD succeeds without it. */
    readonly optional?: boolean;
    /** It shall not be there. `wanted` is all of what would bring it back. */
    readonly absent?: true;
    /** It has another with its key before it; or comes when that has gone, of which the kernel keeps but one. */
    readonly behind?: true;
    /** Comes before the settings: those of IPv6 are not there where the MTU is too small for it. */
    readonly early?: true;
    /** What another NIC may have asked for that has gone since: ADD takes it away, and CHECK does not mind. */
    readonly shared?: boolean;
    /** Absent what is in the place of an object of ours, whosever it is. A route tells its device itself. */
    readonly rival?: true | undefined;
    /** It goes again within the same ADD. */
    readonly passing?: true;
  };
}[Kind];

/** A file below /proc/sys/net. */
export interface Sysctl {
  readonly kind: 'sysctl';
  readonly place: Place;
  /** As a path, because a device's name may have dots: `net/ipv4/conf/veth0/rp_filter`. */
  readonly key: string;
  readonly value: string;
  /** ADD succeeds where there is no such setting: the kernel is without IPv6. */
  readonly optional?: true;
  /** Of what another NIC may have asked for that has gone since. */
  readonly shared?: boolean;
}

/** The table of nf_tables that marks what came in through a device, and the replies to it. */
export interface Ruleset {
  readonly kind: 'ruleset';
  readonly place: Place;
  readonly dev: string;
  /** One bit. */
  readonly mark: number;
  /** It shall not be there, or another NIC asked for it that has gone since. */
  readonly absent?: true;
}

export type DesiredObject = NetlinkObject | Sysctl | Ruleset;

export function isNetlinkObject(object: DesiredObject): object is NetlinkObject {
  return object.kind !== 'sysctl' && object.kind !== 'ruleset';
}

/** What the kernel has of each kind in one place. */
export type Actual = { readonly [K in Kind]: readonly Readonly<Record<string, unknown>>[] };

/** How one kind of object is asked for, recognised and named. */
interface Handling<K extends Kind> {
  /** The field that holds the device's index. */
  readonly device: 'index' | 'oif' | undefined;
  /** The fields that tell one object from another. */
  readonly key: readonly (keyof Kinds[K])[];
  /** What the kernel takes for fields of the key that are not wanted. Of others any value will do. */
  readonly defaults?: (object: Kinds[K]) => Partial<Kinds[K]>;
  /** What is not to be there unless it is wanted, and what is there in its stead. */
  readonly nothingElse?: { readonly [Name in keyof Kinds[K]]?: unknown };
  put(object: Kinds[K] & Record<string, unknown>): Request<void>;
  /** Where its place may be another's: EEXIST where it is. */
  readonly create?: (object: Kinds[K]) => Request<void>;
  /** What makes an object another, where it has it and the wanted one has not. */
  readonly distinct?: (candidate: Readonly<Record<string, unknown>>) => readonly string[];
  /** There may be several that have the same key: behind those that are there, and before them. */
  readonly append?: (object: Kinds[K]) => Request<void>;
  readonly prepend?: (object: Kinds[K]) => Request<void>;
  drop(object: Kinds[K] & Record<string, unknown>): Request<void>;
  text(object: Kinds[K], dev: string): string;
}

const handling: { readonly [K in Kind]: Handling<K> } = {
  // Other flags of an end of the pair, its group and its queue matter to no packet of ours: its neighbours are permanent.
  link: {
    device: 'index',
    key: [],
    put: object => link.set(object),
    drop: object => link.delete(object),
    text: ({ up, address, mtu, alias, txqueuelen, master }, dev) =>
      words(
        'link',
        dev,
        up && 'up',
        address && `address ${address}`,
        mtu !== undefined && `mtu ${mtu}`,
        txqueuelen !== undefined && `txqueuelen ${txqueuelen}`,
        alias && `alias "${alias}"`,
        master === 0 && 'nomaster',
      ),
  },
  altName: {
    device: 'index',
    key: ['name'],
    put: ({ index, name }) => altName.add({ index: index as number, altNames: [name] }),
    drop: ({ index, name }) => altName.delete({ index: index as number, altNames: [name] }),
    text: ({ name }, dev) => words('link', dev, `altname ${name}`),
  },
  address: {
    device: 'index',
    // Of an address that is there the kernel changes neither scope nor peer nor broadcast address.
    key: ['address', 'scope'],
    distinct: found => ['peer', 'broadcast'].filter(name => found[name] !== undefined),
    // Label, metric and flags matter to no packet: the kernel makes no route of it, and ours name another source.
    nothingElse: { expires: undefined },
    put: object => address.replace(object),
    append: object => address.add(object),
    drop: object => address.delete(object),
    text: ({ address, peer, broadcast, scope }, dev) =>
      words(
        'address',
        address,
        peer && `peer ${peer}`,
        broadcast && `brd ${broadcast}`,
        `scope ${scope}`,
        `dev ${dev}`,
      ),
  },
  // Whatever its flags say, a permanent one is neither asked nor forgotten.
  neighbour: {
    device: 'index',
    key: ['dst'],
    put: object => neighbour.replace(object),
    drop: object => neighbour.delete(object),
    text: ({ dst, address }, dev) => words('neighbour', dst, `lladdr ${address}`, `dev ${dev}`),
  },
  route: {
    device: 'oif',
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
    put: object => route.replace(object),
    create: object => route.add(object),
    append: object => route.append(object),
    prepend: object => route.prepend(object),
    drop: object => route.delete(object),
    text: ({ type, dst, src, tos, gateway, onlink, prefsrc, priority, metrics, table, nexthops, nexthopId }, dev) =>
      words(
        'route',
        type !== 'unicast' && String(type ?? ''),
        dst,
        src && `from ${src}`,
        tos ? `tos ${hexadecimal(tos)}` : undefined,
        gateway && `via ${gateway}`,
        nexthopId !== undefined && `nhid ${nexthopId}`,
        ...(nexthops ?? []).map(({ gateway, hops = 0 }) =>
          words('nexthop', gateway && `via ${gateway}`, `weight ${hops + 1}`),
        ),
        !nexthops && nexthopId === undefined && dev !== '' && `dev ${dev}`,
        onlink && 'onlink',
        prefsrc && `src ${prefsrc}`,
        priority !== undefined && `metric ${priority}`,
        metrics?.mtu !== undefined && `mtu ${metrics.mtu}`,
        table !== 254 && `table ${table}`,
      ),
  },
  rule: {
    device: undefined,
    key: ['priority', 'family', 'src', 'dst', 'mark', 'mask', 'table', 'protocol'],
    distinct: found => [...selectors.filter(name => found[name] !== undefined), ...extrasOf(found)],
    put: object => rule.add(object),
    append: object => rule.append(object),
    prepend: object => rule.append(object),
    drop: object => rule.delete(object),
    text: wanted => {
      const { family, priority, src, dst, mark, mask, table } = wanted;
      return words(
        'rule',
        `priority ${priority}`,
        src ? `from ${src}` : !dst && family !== undefined && `from ${anywhere[family as Family]}`,
        dst && `to ${dst}`,
        mark !== undefined && `fwmark ${hexadecimal(mark)}/${hexadecimal(mask!)}`,
        ...extrasOf(wanted).map(name => `${name} ${valueText(wanted[name as keyof typeof wanted])}`),
        table !== 0 && `lookup ${table === 254 ? 'main' : table}`,
      );
    },
  },
};

/** By which a rule of ours is for some packets. */
const selectors = ['src', 'dst', 'mark', 'mask'];

/** What a rule of ours has, and what every rule has that is for all packets and looks up a table. */
const usual = [...selectors, 'priority', 'family', 'table', 'protocol', 'flags'];
const usually: Readonly<Record<string, unknown>> = { action: 'table', tos: 0, invert: false };

/** The fields by which a rule is for other packets than its addresses and its mark tell, or does something else. */
export function extrasOf(found: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(found).filter(
    name => found[name] !== undefined && !usual.includes(name) && found[name] !== usually[name],
  );
}

/** Of a route that is put without one (of IPv6, IP6_RT_PRIO_USER). */
export const defaultMetrics = { inet: 0, inet6: 1024 } as const;

function words(...parts: (string | false | undefined)[]): string {
  return parts.filter(part => part).join(' ');
}

/** A mark as it is written: `0x20000000`. */
export function hexadecimal(mark: number): string {
  return `0x${mark.toString(16)}`;
}

const whereabouts: Record<Place, string> = { pod: 'in the pod', node: 'on the node' };

/** The object as ip(8) would write it, and where: `route 10.233.0.0/18 via 169.254.1.1 dev veth0 onlink in the pod`. */
export function describe(object: DesiredObject): string {
  if (object.kind === 'sysctl') return `sysctl ${object.key} = ${object.value} ${whereabouts[object.place]}`;
  const text =
    object.kind === 'ruleset' ? `nftables inet ${object.dev} mark ${hexadecimal(object.mark)}` : textOf(object);
  return `${object.absent ? 'no ' : ''}${text} ${whereabouts[object.place]}`;
}

/** The object in the words of ip(8), behind its kind: `route 10.233.0.0/18 via 169.254.1.1 dev veth0 onlink`. */
export function textOf({ kind, wanted, dev, rival }: NetlinkObject): string {
  const text = (handling[kind] as Handling<Kind>).text(wanted, dev);
  return rival && 'protocol' in wanted ? `${text} proto ${wanted.protocol}` : text;
}

function withDevice({ kind, wanted, rival }: NetlinkObject, index: number): Kinds[Kind] & Record<string, unknown> {
  const { device } = handling[kind];
  // The paths of a multipath route name their devices themselves, and so does a nexthop object.
  const named = rival || 'nexthops' in wanted || 'nexthopId' in wanted;
  return device && !named ? { ...wanted, [device]: index } : { ...wanted };
}

/** The request that makes the object be as wanted. `index` is that of its device. */
export function put(object: NetlinkObject, index: number): Request<void> {
  if (object.absent) return drop(object, index);
  const { put, append = put } = handling[object.kind] as Handling<Kind>;
  return (object.behind ? append : put)(withDevice(object, index));
}

/** As `put`, for what is to have a place of which nobody knows who has it: EEXIST where another does. */
export function create(object: NetlinkObject, index: number): Request<void> {
  const { create } = handling[object.kind] as Handling<Kind>;
  return create && !object.absent && !object.behind ? create(withDevice(object, index)) : put(object, index);
}

/** The request that brings back what was dropped, in its place among those with the same key. */
export function restore(object: NetlinkObject, index: number): Request<void> {
  const { put, append = put, prepend = put } = handling[object.kind] as Handling<Kind>;
  return (object.behind ? append : prepend)(withDevice(object, index));
}

/** The request that removes the object. */
export function drop(object: NetlinkObject, index: number): Request<void> {
  return (handling[object.kind] as Handling<Kind>).drop(withDevice(object, index));
}

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
  const { device } = handling[object.kind];
  const names = [...(device ? [device] : []), ...(object.behind ? ['gateway'] : [])];
  return hasKey(object, candidate) && agree(withDevice(object, index), candidate, names);
}

/** True for what has the key of the object, be it on another device. */
export function hasKey(object: NetlinkObject, candidate: Readonly<Record<string, unknown>>): boolean {
  const { key, defaults, distinct } = handling[object.kind] as Handling<Kind>;
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
  const { nothingElse = {} } = handling[kind] as Handling<Kind>;
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

/** A value of a field as it is read: `{mtu: 1280}`. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}: ${valueText(inner)}`)
    .join(', ')}}`;
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
