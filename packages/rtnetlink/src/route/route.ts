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

/** The table that ordinary routes stand in, RT_TABLE_MAIN. */
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

/** One asks for seconds in RTA_EXPIRES, and the kernel tells what is left of them in clock ticks in RTA_CACHEINFO. */
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
    family: header(0, family),
    /** MPLS: the label of the packets that the route is for, 16 to 1048575, in the place of `dst`. */
    label: label(1, 1),
    /** Destination prefix; `0.0.0.0/0` or `::/0` for the default route. */
    dst: notMpls(prefix(1, 1, 'default')),
    /** Source prefix (IPv6 source routing), or the source of a look-up. */
    src: prefix(2, 2, 'absent'),
    tos: header(3, u8),
    table: widened(15, 4),
    protocol: header(5, protocol),
    scope: header(6, scope),
    type: header(7, routeType),
    /** The gateway is taken to be on the link, whatever the interface's prefixes say (RTNH_F_ONLINK). */
    onlink: bit(8, 0x4),
    /** Asks a look-up for the matching route rather than the resolved destination (RTM_F_FIB_MATCH). */
    fibMatch: askedBit(8, 0x2000),
    /** Asks a look-up for the table in which the route was found; else it is said to be `main` (RTM_F_LOOKUP_TABLE). */
    lookupTable: askedBit(8, 0x1000),
    /**
     * All of RTNH_F_* and RTM_F_*: 1 dead, 4 `onlink`, 8 offloaded, 16 its link has no carrier, 64 trapped; 0x200 learned of
     * one destination, 0x4000 and 0x8000 offloaded and trapped as a whole.
     */
    flags: header(8, u32),
    iif: attribute(3, u32),
    /** The interface. A list finds the routes of which any path leads there. */
    oif: attribute(4, u32),
    gateway: attribute(5, ip),
    /** Lower is preferred; IPv6 gives 1024 where unset. */
    priority: attribute(6, u32),
    /** The source address of packets that choose none themselves. */
    prefsrc: attribute(7, ip),
    metrics: attribute(8, nest(metricsSchema)),
    /** Several paths, among which packets are shared out by flow. */
    nexthops: attribute(9, nexthops),
    /** Realms: that of the source times 65536, and that of the destination (ip-route(8)). IPv4. */
    flow: attribute(11, u32),
    /** The mark of the packets of a look-up. */
    mark: attribute(16, u32),
    /** A gateway of the other family, or of any for MPLS. */
    via: attribute(18, viaType),
    /** MPLS: the labels that take the place of `label`. */
    newLabels: attribute(19, labelStack),
    /** Of routers that advertised themselves (RFC 4191). IPv6. */
    pref: attribute(20, named(u8, { medium: 0, high: 1, low: 3 })),
    /** What is put around the packets. */
    encap: encap(21, 22),
    /** Seconds until the route goes, IPv6. */
    expires: expires(),
    /** The user of a look-up. */
    uid: attribute(25, u32),
    /** MPLS: the hop limit passes between the label and the packet. */
    ttlPropagate: attribute(26, boolean),
    /** Of a look-up: protocol, ports and flow label. */
    ipProto: attribute(27, u8),
    sport: attribute(28, be16),
    dport: attribute(29, be16),
    flowLabel: attribute(31, be32),
    /** The nexthop object that says where packets go (`nexthop`). */
    nexthopId: attribute(30, u32),
  }),
});

/** A route, as the kernel tells it. */
export type Route = Output<typeof routeMessage.fields>;
/** A route to be asked of the kernel. */
export type RouteInput = Input<typeof routeMessage.fields>;

/** As ip-route(8): into `main`, of type unicast, and on the link where there is no gateway. */
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

/** Takes whatever route has this key, of any scope. */
function anyScope(route: RouteInput): RouteInput {
  return { table: mainTable, scope: 'nowhere', ...route };
}

/** IPv6 tells the table without being asked, and refuses the question. */
function withTable(query: RouteInput): RouteInput {
  return query.dst?.includes(':') ? query : { lookupTable: true, ...query };
}

// The kernel lists by these alone, and refuses other questions.
const plain = verbs(routeMessage, ({ family, table, protocol, type, oif }) => ({ family, table, protocol, type, oif }));

type RouteVerbs = Verbs<typeof routeMessage.fields> & {
  /** Creates one more before those with the same key: the kernel goes by it. IPv6 makes a path beside them of it. */
  prepend(object: RouteInput): Request<void>;
};

/** Requests about routes (ip-route(8)). */
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
