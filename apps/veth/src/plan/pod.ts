// The objects in the pod: the pod end of the pair, and the routes through it.
import { MacAddress } from '@spider/ip';
import { familyOf, type IPFamily, ipFamilies, mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { gateways, podEnd, podEndAddress, protocol, temporaryAddress } from '../datapath.ts';
import type { Facts, Ours } from '../facts.ts';
import type { DesiredObject, NetlinkObject } from '../object/object.ts';
import { toRouteInput } from '../route.ts';
import { destinationsOf, shadowedDestinations } from './destinations.ts';
import { firstInLans, primaryObjects, toldRoutes } from './main-table.ts';
import type { DesiredPair } from './pair.ts';
import type { Path } from './path.ts';
import { rehomeObjects } from './rehome.ts';
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
  const has = (family: IPFamily): boolean => paths.some(path => path.family === family);
  const destinations = destinationsOf(config, facts);
  // The pair may have the greater MTU of another NIC.
  const metricsOf = ({ nic }: Path): Metrics => {
    const mtu = (nic === facts.nic ? config.mtu : undefined) ?? nic.mtu;
    return mtu < pair.mtu ? { mtu } : undefined;
  };
  const objects = sysctls(config, facts, has('inet6'));
  objects.push({ kind: 'link', place, dev, wanted: { up: true } });
  // Without an address on the pod end, netfilter's REDIRECT drops what comes in through the pair.
  const { wrongAddresses } = facts.ours.pod;
  if (has('inet'))
    objects.push(...(wrongAddresses.length > 0 ? replacedAddress(wrongAddresses) : [podEndAddressObject]));
  if (has('inet6')) objects.push(linkLocalAddress(facts.pair?.linkLocal ?? linkLocalOf(pair.podAddress)));
  const wanted: DesiredObject[] = [];
  for (const path of paths) {
    if (path.throughPair) wanted.push(gatewayOf(path, pair));
    const { demoted, table } = path;
    const moved = demoted && movedRoutes(facts, path);
    const metrics = moved ? moved[0]?.wanted.metrics : metricsOf(path);
    const dsts = moved ? moved.map(({ wanted }) => wanted.dst) : destinations;
    wanted.push(...(moved || routesThroughPair(path, dsts, metrics)));
    if (table !== mainTable) wanted.push(...secondaryObjects(config, facts, path, paths, metrics, dsts));
    // The first ADD in a pod with one NIC has nothing to restore.
    else if (facts.pair || facts.others.length > 0)
      wanted.push(
        ...primaryObjects(facts, path, paths),
        ...toldRoutes(facts, path, paths, destinations),
        ...firstInLans(facts, path),
      );
  }
  objects.push(...copiesFirst(wanted, paths));
  if (config.replyMark !== undefined || facts.replyMark !== undefined)
    objects.push(...replyObjects(config.replyMark, facts, ipFamilies.filter(has), share));
  return objects;
}

/** The routes of a NIC that leaves main are added to its table before others replace them in main. */
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
 * For IPv6 the kernel makes one, but not before it takes notice of the carrier, which ADD does not wait for. It need not be
 * this one. The host end only forwards, so it needs none.
 */
const linkLocalAddress = (address: string): NetlinkObject => ({
  kind: 'address',
  place,
  dev,
  wanted: { address, scope: 'link' },
});

const linkLocalOf = (hardwareAddress: string) => `${MacAddress.parse(hardwareAddress).toLinkLocal()}/64`;

/**
 * The kernel cannot change these attributes of an address, and with a link's last address it deletes all its routes. So the
 * link has another address while this one is replaced.
 */
function replacedAddress(wrongAddresses: Ours['pod']['wrongAddresses']): NetlinkObject[] {
  const base = { kind: 'address', place, dev } as const;
  const temporary = { ...base, wanted: { address: temporaryAddress, scope: 'link' }, temporary: true } as const;
  return [
    // Early, so that nothing is removed if this one cannot be added.
    { ...temporary, early: true },
    ...wrongAddresses.map(({ address, scope, peer, broadcast }) => {
      const wanted = { address: address!, scope, ...(peer && { peer }), ...(broadcast && { broadcast }) };
      return { ...base, wanted, absent: true } as const;
    }),
    { ...podEndAddressObject, behind: true },
    { ...temporary, absent: true },
  ];
}

function sysctls({ rpFilter }: Config, { nic, rpFilter: found }: Facts, ipv6: boolean): DesiredObject[] {
  return [
    ...(rpFilter === undefined ? [] : rpFilterSysctls(rpFilter, nic.name, found)),
    ...(ipv6 ? [{ kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/disable_ipv6`, value: '0' } as const] : []),
  ];
}

/**
 * Reverse path filtering of the NIC and of the pod end. The kernel uses the larger of an interface's value and that of
 * "all", so "all" is lowered if it is larger. The pod's other links, and future ones by "default", get its former value.
 */
function rpFilterSysctls(wanted: number, nic: string, found: Facts['rpFilter']): DesiredObject[] {
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

/**
 * The routes through the pair of a NIC that leaves main: as they are, because they come from its own configuration. An IPv6
 * route to which others have appended paths loses these.
 */
function movedRoutes({ ours }: Facts, { nic, family, table }: Path): RouteObject[] {
  return ours.pod.routes
    .filter(found => found.table === mainTable && found.family === family && found.priority !== table)
    .filter(({ prefsrc }) => prefsrc !== undefined && nic.addresses.includes(prefsrc))
    .map(found => {
      const { oif, nexthops, ...wanted } = toRouteInput(found);
      return { kind: 'route', place, dev, wanted: { ...wanted, gateway: gateways[family], table } };
    });
}

/** What a secondary NIC needs besides its routes through the pair. */
function secondaryObjects(
  config: Config,
  facts: Facts,
  path: Path,
  paths: readonly Path[],
  metrics: Metrics,
  destinations: readonly string[],
): DesiredObject[] {
  const shadowed = path.throughPair ? shadowedDestinations(config, facts, path) : [];
  // In main with a metric of its own, greater than a primary NIC's: they are used if there is no primary NIC.
  const priority = path.table;
  return [
    ...routesThroughPair({ ...path, table: mainTable }, shadowed, metrics, priority),
    ...rehomeObjects(config, facts, path, paths, destinations),
  ];
}

/** Nothing answers ARP or neighbour solicitations for the gateway, so it is a permanent neighbour: the host end. */
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
  // An IPv6 link-local gateway does not need it.
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
