// What the pod gets: the near end of the pair, and routes through it.
import { mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { gateways, podEnd, podEndAddress, protocol, temporaryAddress } from '../datapath.ts';
import type { Facts, Ours } from '../facts.ts';
import { type Family, families, familyOf } from '../family.ts';
import type { DesiredObject, NetlinkObject } from '../object/object.ts';
import { toRouteInput } from '../route.ts';
import { destinationsOf, shadowedDestinations } from './destinations.ts';
import type { DesiredPair } from './pair.ts';
import type { Path } from './path.ts';
import { firstInLans, primaryObjects, rehomeObjects } from './rehome.ts';
import { replyObjects, type Share } from './reply.ts';

type RouteObject = Extract<NetlinkObject, { kind: 'route' }>;
type Metrics = RouteObject['wanted']['metrics'];

const place = 'pod';
const dev = podEnd;

export function podObjects(
  config: Config,
  facts: Facts,
  pair: DesiredPair,
  paths: readonly Path[],
  share: Share,
): DesiredObject[] {
  const has = (family: Family): boolean => paths.some(path => path.family === family);
  const destinations = destinationsOf(config, facts);
  // The pair has the MTU of the NIC that it was made for.
  const metricsOf = ({ nic }: Path): Metrics => {
    const mtu = (nic === facts.nic ? config.mtu : undefined) ?? nic.mtu;
    return mtu < pair.mtu ? { mtu } : undefined;
  };
  const objects = settings(config, facts, has('inet6'));
  objects.push({ kind: 'link', place, dev, wanted: { up: true } });
  // Without an address of its own, netfilter's REDIRECT drops what comes in through the pair.
  const { wrongAddresses } = facts.ours.pod;
  if (has('inet')) objects.push(...(wrongAddresses.length > 0 ? renewed(wrongAddresses) : [podEndAddressObject]));
  const wanted: DesiredObject[] = [];
  for (const path of paths) {
    if (path.throughPair) wanted.push(gatewayOf(path, pair));
    const { demoted, table } = path;
    const moved = demoted && movedRoutes(facts, path);
    const metrics = moved ? moved[0]?.wanted.metrics : metricsOf(path);
    const its = moved ? moved.map(({ wanted }) => wanted.dst) : destinations;
    wanted.push(...(moved || routesThroughPair(path, its, metrics)));
    if (table !== mainTable) wanted.push(...secondaryObjects(config, facts, path, paths, metrics, its));
    // The first ADD for a pod with one NIC finds nothing that was there before.
    else if (facts.pair || facts.others.length > 0)
      wanted.push(...primaryObjects(facts, path), ...firstInLans(facts, path));
  }
  objects.push(...copiesFirst(wanted, paths));
  if (config.replyMark !== undefined || facts.replyMark !== undefined)
    objects.push(...replyObjects(config.replyMark, facts, families.filter(has), share));
  return objects;
}

/** What a NIC that gives way has in main is in its table before another route takes the place of it. */
function copiesFirst(objects: readonly DesiredObject[], paths: readonly Path[]): readonly DesiredObject[] {
  const tables = paths.filter(({ demoted }) => demoted).map(({ table }) => table);
  if (tables.length === 0) return objects;
  const isCopy = (object: DesiredObject) => object.kind === 'route' && tables.includes(object.wanted.table);
  return [...objects.filter(isCopy), ...objects.filter(object => !isCopy(object))];
}

const podEndAddressObject: NetlinkObject = {
  kind: 'address',
  place,
  dev,
  wanted: { address: podEndAddress, scope: 'link' },
};

/**
 * Of an address that is there the kernel changes nothing of this, and with a link's last address it takes all of its
 * routes. So while it is made anew there is another.
 */
function renewed(wrongAddresses: Ours['pod']['wrongAddresses']): NetlinkObject[] {
  const base = { kind: 'address', place, dev } as const;
  const meanwhile = { ...base, wanted: { address: temporaryAddress, scope: 'link' }, temporary: true } as const;
  return [
    // First of all: nothing goes where this one could not come.
    { ...meanwhile, early: true },
    ...wrongAddresses.map(({ address, scope, peer, broadcast }) => {
      const wanted = { address: address!, scope, ...(peer && { peer }), ...(broadcast && { broadcast }) };
      return { ...base, wanted, absent: true } as const;
    }),
    { ...podEndAddressObject, behind: true },
    { ...meanwhile, absent: true },
  ];
}

function settings({ rpFilter }: Config, { nic, rpFilter: found }: Facts, ipv6: boolean): DesiredObject[] {
  return [
    ...(rpFilter === undefined ? [] : filters(rpFilter, nic.name, found)),
    ...(ipv6 ? [{ kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/disable_ipv6`, value: '0' } as const] : []),
  ];
}

/**
 * Reverse path filtering of the NIC and of our end. The kernel takes the larger of an interface's value and that of "all",
 * so "all" gives way where it is larger. Who had its value from there keeps it: the pod's other links, and by "default"
 * those to come.
 */
function filters(wanted: number, nic: string, found: Facts['rpFilter']): DesiredObject[] {
  const all = found.get('all')!;
  const values: (readonly [name: string, value: number])[] = [];
  if (all > wanted) {
    for (const [name, own] of found) if (own < all) values.push([name, all]);
    values.push(['all', wanted]);
  }
  values.push([nic, wanted], [dev, wanted]);
  return values.map(([name, value]) => ({
    kind: 'sysctl',
    place,
    key: `net/ipv4/conf/${name}/rp_filter`,
    value: String(value),
  }));
}

/** What a NIC that gives way has through the pair: it has a configuration of its own. */
function movedRoutes({ ours }: Facts, { nic, family, table }: Path): RouteObject[] {
  return ours.pod.routes
    .filter(found => found.table === mainTable && found.family === family && found.priority !== table)
    .filter(({ prefsrc }) => prefsrc !== undefined && nic.addresses.includes(prefsrc))
    .map(found => {
      const { oif, ...wanted } = toRouteInput(found);
      return { kind: 'route', place, dev, wanted: { ...wanted, table } };
    });
}

/** What a NIC that is not primary needs beside its routes through the pair. */
function secondaryObjects(
  config: Config,
  facts: Facts,
  path: Path,
  paths: readonly Path[],
  metrics: Metrics,
  destinations: readonly string[],
): DesiredObject[] {
  const shadowed = path.throughPair ? shadowedDestinations(config, facts, path) : [];
  // Behind the routes of a primary NIC, for where there is none or when it goes; each NIC has a metric of its own.
  const priority = path.table;
  return [
    ...routesThroughPair({ ...path, table: mainTable }, shadowed, metrics, priority),
    ...rehomeObjects(config, facts, path, paths, destinations),
  ];
}

/** The gateway answers no ARP and no neighbour solicitation: it is the host end, whatever addresses the node has. */
function gatewayOf({ family }: Path, { hostAddress }: DesiredPair): DesiredObject {
  const wanted = { dst: gateways[family], address: hostAddress, state: 'permanent', protocol } as const;
  return { kind: 'neighbour', place, dev, wanted };
}

/** A route for each destination of the path's family. */
function routesThroughPair(
  { family, source, table }: Path,
  destinations: readonly string[],
  metrics: Metrics,
  priority?: number,
): DesiredObject[] {
  const gateway = gateways[family];
  // An IPv6 gateway of link scope needs no such word.
  const onlink = family === 'inet';
  const via = {
    gateway,
    onlink,
    prefsrc: source,
    table,
    protocol,
    ...(metrics && { metrics }),
    ...(priority !== undefined && { priority }),
  };
  return destinations
    .filter(dst => familyOf(dst) === family)
    .map(dst => ({ kind: 'route', place, dev, wanted: { dst, ...via } }));
}
