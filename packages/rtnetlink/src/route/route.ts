// Routes: struct rtmsg and RTA_* of <linux/rtnetlink.h>, ip-route(8).
import { askedBit, attribute, bit, type Field, header, prefix, widened } from '../codec/field.ts';
import { message } from '../codec/message.ts';
import { type Input, nest, type Output } from '../codec/schema.ts';
import { be16, be32, boolean, ip, named, s32, struct, u8, u32 } from '../codec/type.ts';
import { family, protocol, scope } from '../names.ts';
import { NLM_F_CREATE } from '../protocol.ts';
import { type Request, type Verbs, verbs } from '../request.ts';
import { encap } from './encap.ts';
import { label, labelStack, notMpls } from './labels.ts';
import { metricsSchema } from './metrics.ts';
import { nexthops } from './multipath.ts';
import { viaType } from './via.ts';

/** The table of ordinary routes, RT_TABLE_MAIN. */
export const mainTable = 254;
/** The table of the node's own addresses, RT_TABLE_LOCAL. */
export const localTable = 255;

const routeType = named(u8, {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
});

/** A request has seconds in RTA_EXPIRES. The kernel reports the remaining time in clock ticks in RTA_CACHEINFO. */
function expires(): Field<number, false> {
  const ticksPerSecond = 100;
  const asked = attribute(23, u32);
  const cacheInfo = attribute(12, struct({ clients: u32, lastUse: u32, expires: s32 }));
  return {
    ...asked,
    needs: undefined,
    read(extent) {
      const ticks = cacheInfo.read(extent)?.expires ?? 0;
      return ticks > 0 ? Math.ceil(ticks / ticksPerSecond) : asked.read(extent);
    },
  };
}

/** struct rtmsg and its attributes. */
export const routeMessage = message({
  kind: 'route',
  types: { add: 24, delete: 25, get: 26 },
  headerSize: 12,
  familyFrom: ['dst', 'gateway', 'prefsrc', 'src'],
  fields: () => ({
    /**
     * If unset in a request, it follows from `dst`, `gateway`, `prefsrc` or `src`. All requests but `list` need one of
     * these, or `label`.
     */
    family: header(0, family),
    /** MPLS: the label of packets that the route is for, 16 to 1048575, instead of `dst`. */
    label: label(1, 1),
    /** Destination prefix; `0.0.0.0/0` or `::/0` for the default route. */
    dst: notMpls(prefix(1, 1, 'default')),
    /** Source prefix (IPv6 source routing). In a look-up, the source address. */
    src: prefix(2, 2, 'absent'),
    /** Type of service of packets that the route is for. IPv4. */
    tos: header(3, u8),
    /** The routing table; requests other than `list` and `get` use `main` if unset. */
    table: widened(15, 4),
    /** Who installed the route. A request that writes a route uses `static` if unset. */
    protocol: header(5, protocol),
    /**
     * Distance to the destination. If unset, a request that writes a route uses `link` for a unicast route without a next
     * hop, `host` for `local` and `nat`, and `global` otherwise.
     */
    scope: header(6, scope),
    /** Type of the route, RTN_* of rtnetlink(7). A request that writes a route uses `unicast` if unset. */
    type: header(7, routeType),
    /** The gateway counts as directly reachable, whatever the interface's prefixes are (RTNH_F_ONLINK). */
    onlink: bit(8, 0x4),
    /** Look-up: returns the matching route rather than the resolved destination (RTM_F_FIB_MATCH). */
    fibMatch: askedBit(8, 0x2000),
    /** Look-up: returns the table of the route; without it the answer always has `main` (RTM_F_LOOKUP_TABLE). */
    lookupTable: askedBit(8, 0x1000),
    /**
     * All flags, RTNH_F_* and RTM_F_*: 1 dead, 4 `onlink`, 8 offloaded, 16 its link has no carrier, 64 trapped; 0x200
     * cached for one destination, 0x4000 and 0x8000 offloaded and trapped as a whole.
     */
    flags: header(8, u32),
    /** Look-up: index of the interface that the packet arrives by. */
    iif: attribute(3, u32),
    /** Index of the interface. A list finds the routes that have any path through it. */
    oif: attribute(4, u32),
    /** IP address of the next hop. */
    gateway: attribute(5, ip),
    /** Metric: lower is preferred. IPv6 uses 1024 if unset. */
    priority: attribute(6, u32),
    /** Source address of packets whose sender did not choose one. */
    prefsrc: attribute(7, ip),
    /** Properties of the path to the destination. */
    metrics: attribute(8, nest(metricsSchema)),
    /** The paths of a multipath route, over which flows are distributed. */
    nexthops: attribute(9, nexthops),
    /** Realms: that of the source times 65536, plus that of the destination (ip-route(8)). IPv4. */
    flow: attribute(11, u32),
    /** Look-up: mark of the packet. */
    mark: attribute(16, u32),
    /** IP address of a next hop of another address family than the route's. */
    via: attribute(18, viaType),
    /** MPLS: the labels that replace `label`. */
    newLabels: attribute(19, labelStack),
    /** Preference among default routers and advertised routes (RFC 4191). IPv6. */
    pref: attribute(20, named(u8, { medium: 0, high: 1, low: 3 })),
    /** Encapsulation of the packets. */
    encap: encap(21, 22),
    /** Seconds until the route expires. IPv6. */
    expires: expires(),
    /** Look-up: the user whose socket sends the packet. */
    uid: attribute(25, u32),
    /** MPLS: whether the hop limit is copied between label and packet. */
    ttlPropagate: attribute(26, boolean),
    /** Look-up: IP protocol of the packet. */
    ipProto: attribute(27, u8),
    /** Look-up: source port of the packet. */
    sport: attribute(28, be16),
    /** Look-up: destination port of the packet. */
    dport: attribute(29, be16),
    /** Look-up: IPv6 flow label of the packet. Linux 6.14. */
    flowLabel: attribute(31, be32),
    /** Identifier of a nexthop object (`nexthop`), instead of a next hop in the route. */
    nexthopId: attribute(30, u32),
  }),
});

/** A route, as the kernel reports it. */
export type Route = Output<typeof routeMessage.fields>;
/** A route, as a request describes it. */
export type RouteInput = Input<typeof routeMessage.fields>;

/** Defaults of ip-route(8): table `main`, type `unicast`, and scope `link` if there is no next hop. */
function withDefaults(route: RouteInput): RouteInput {
  const direct =
    route.gateway === undefined && route.via === undefined && !route.nexthops && route.nexthopId === undefined;
  const type = route.type ?? 'unicast';
  const onLink = type === 'unicast' && direct && route.label === undefined;
  const local = type === 'local' || type === 'nat';
  return {
    table: mainTable,
    protocol: 'static',
    scope: local ? 'host' : onLink ? 'link' : 'global',
    type,
    ...route,
  };
}

/** Deletes the route with this key, whatever its scope is. */
function anyScope(route: RouteInput): RouteInput {
  return { table: mainTable, scope: 'nowhere', ...route };
}

/** For IPv6 the kernel always reports the table, and refuses RTM_F_LOOKUP_TABLE. */
function withTable(query: RouteInput): RouteInput {
  return query.dst?.includes(':') ? query : { lookupTable: true, ...query };
}

// The kernel filters a list by these fields only. It refuses a request that has others.
const plain = verbs(routeMessage, ({ family, table, protocol, type, oif }) => ({ family, table, protocol, type, oif }));

type RouteVerbs = Verbs<typeof routeMessage.fields> & {
  /**
   * Creates another route before those with the same key, so that the kernel uses it. For IPv6 it becomes a path of their
   * route.
   */
  prepend(object: RouteInput): Request<void>;
};

/**
 * Requests about routes (ip-route(8)). `get` looks up the route to a destination; its result is undefined if there is
 * none.
 */
export const route: RouteVerbs = {
  ...plain,
  prepend: input => ({ ...plain.add(withDefaults(input)), operation: 'route.prepend', flags: NLM_F_CREATE }),
  add: input => plain.add(withDefaults(input)),
  replace: input => plain.replace(withDefaults(input)),
  append: input => plain.append(withDefaults(input)),
  set: input => plain.set(withDefaults(input)),
  delete: input => plain.delete(anyScope(input)),
  get: (query, only) => plain.get(withTable(query), only),
};
