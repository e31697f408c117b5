export { NETLINK_GENERIC, NETLINK_NETFILTER, NETLINK_ROUTE } from '@spider/libc';
export { type Address, type AddressInput, address, addressFlags } from './address.ts';
export {
  type BridgeVlans,
  type BridgeVlansInput,
  bridgeVlan,
  bridgeVlanFlags,
  bridgeVlanParts,
} from './bridge-vlan.ts';
export { InvalidField } from './codec/invalid-field.ts';
export type { Path, Selected } from './codec/path.ts';
export type { View } from './codec/schema.ts';
export { DumpInterruptedError, NetlinkError } from './errors.ts';
export { type FdbEntry, type FdbInput, fdb } from './fdb.ts';
export { anywhere, familyOf, hostPrefix, type IPFamily, ipFamilies, withoutLength } from './ip.ts';
export { altName } from './link/altname.ts';
export { linkFlags, linkParts } from './link/base.ts';
export type { LinkInfo } from './link/info.ts';
export { type Link, type LinkInput, link } from './link/link.ts';
export { type Statistics, statistics, statisticsGroups } from './link/statistics.ts';
export type { VirtualFunction } from './link/vf.ts';
export { type Mdb, type MdbInput, mdb } from './mdb.ts';
export { messageOf, messages } from './messages.ts';
export { type Neighbour, type NeighbourInput, neighbour, neighbourFlags } from './neighbour.ts';
export { type Netconf, netconf, netconfIndex } from './netconf.ts';
export { type BatchOptions, Netlink, type Outcome, type Outcomes, type Results } from './netlink.ts';
export {
  type Nexthop,
  type NexthopBucket,
  type NexthopGroupMember,
  type NexthopInput,
  nexthop,
  nexthopBucket,
} from './nexthop.ts';
export { type Nsid, nsid } from './nsid.ts';
export { type ListRequest, operationOf, type Request, type Transaction, type Verbs, verbs } from './request.ts';
export type { Encap } from './route/encap.ts';
export { metricLocks } from './route/metrics.ts';
export type { RouteNexthop } from './route/multipath.ts';
export { pathsOf } from './route/paths.ts';
export { localTable, mainTable, type Route, type RouteInput, route } from './route/route.ts';
export { Rtnetlink } from './rtnetlink.ts';
export { type Rule, type RuleInput, rule } from './rule.ts';
export { type Namespace, openSocket, type SocketOpener, type Transport } from './transport.ts';
