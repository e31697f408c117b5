// Asks the kernel where it would send a packet, as "ip route get" does (ip-route(8)).
import {
  address,
  familyOf,
  hostPrefix,
  type Link,
  link,
  NetlinkError,
  type Route,
  type Rule,
  route,
} from '@spider/rtnetlink';
import { protocol } from '../../datapath.ts';
import { isHostEnd } from '../../names.ts';
import { isUsable } from '../../observe/fields.ts';
import { readSysctl } from '../../sysctl.ts';
import { commandAt } from '../command-at.ts';
import { type Refusal, refusalIn, refusalText } from '../refusal.ts';
import { customRuleFor, type Flow, ruleFor, tcp } from '../rule.ts';
import type { Place } from './place.ts';
import { type Bytes, numberOf } from './rules/bytes.ts';
import { Stop } from './step.ts';

/** Both ends of a packet. */
export interface Ends {
  /** Undefined until the kernel has chosen one. */
  readonly src: string | undefined;
  readonly dst: string;
  /** The TCP ports. */
  readonly sourcePort: number;
  /** The destination's. */
  readonly port: number;
}

export interface Packet extends Ends {
  /** Rules may select by it; undefined is 0. */
  readonly mark?: Bytes | undefined;
}

export interface Decision {
  /** The route to the destination, as the kernel resolves it. */
  readonly path: Route;
  /** The routing table's entry that matched; undefined if the kernel does not report it. */
  readonly match: Route | undefined;
  /** The rule that led to its table. */
  readonly rule: Rule | undefined;
}

/** @throws Stop if the packet would be dropped, and says why */
export function lookUp(
  place: Place,
  { src, dst, sourcePort, port, mark: bytes }: Packet,
  from: Link | undefined,
): Decision {
  const mark = bytes && numberOf(bytes);
  const query = {
    dst,
    ipProto: tcp,
    sport: sourcePort,
    dport: port,
    ...(src && { src: hostPrefix(src) }),
    ...(from && { iif: from.index }),
    ...(mark && { mark }),
  };
  const [path, match] = place.rtnetlink.settle([route.get(query), route.get({ ...query, fibMatch: true })]);
  const ports = { source: sourcePort, destination: port };
  const selected = { src: src ?? path.value?.prefsrc, dst, mark, ports, iif: from?.name };
  if (path.error) throw explain(place, selected, from, path.error);
  if (!path.value) throw refused(place, selected, 'unreachable') ?? noRoute(place, dst, from);
  const { type } = path.value;
  if (type === 'blackhole' || type === 'unreachable' || type === 'prohibit')
    throw refused(place, selected, type) ?? new Stop(`a route of type ${type} ${refusals[type]} what goes to ${dst}`);
  if (type === 'broadcast' || type === 'multicast')
    throw new Stop(`${dst} is a ${type} address: no connection leads to many`);
  return {
    path: path.value,
    match: match.value,
    rule: ruleFor(place.rtnetlink, selected, match.value ?? path.value),
  };
}

const refusals = { blackhole: 'drops', unreachable: 'refuses', prohibit: 'forbids' } as const;

function explain(place: Place, packet: Flow, from: Link | undefined, error: Error): Error {
  const { src, dst } = packet;
  if (!(error instanceof NetlinkError)) return error;
  const family = familyOf(dst);
  if (family === 'inet' && from && src && isLocal(place, src))
    return new Stop(`${src} is an address of this place too, which drops what comes from there in by ${from.name}`);
  if (family === 'inet' && from && src && isFiltered(place, src, from)) return reversePath(place, src, from);
  if (error.code === 'EHOSTUNREACH' && from) {
    const key = `net/ipv4/conf/${from.name}/forwarding`;
    if (family === 'inet' && place.namespace.readSysctl(key) === '0') return notForwarded(place, key);
  }
  const type = refusalIn({ error });
  const refusal = type && refused(place, packet, type);
  if (refusal) return refusal;
  if (error.code === 'EINVAL')
    return new Stop(
      `the kernel drops what goes from ${src ?? 'here'} to ${dst}: an address that cannot be (martian), or a rule that refuses the way back`,
    );
  return new Stop(`no route to ${dst}: ${error.code}`);
}

/** Without a remedy, as it is not known who made the rule or route. */
function refused({ rtnetlink }: Place, packet: Flow, type: Refusal): Stop | undefined {
  const text = refusalText(rtnetlink, packet, type);
  return text === undefined
    ? undefined
    : new Stop(`${text}${text.includes(', ') ? ',' : ''} ${refusals[type]} what goes to ${packet.dst}`);
}

function noRoute(place: Place, dst: string, from: Link | undefined): Stop {
  // Only for a pod: a node may have links that are down because nobody uses them.
  const [down] = place.netns === undefined ? [] : place.rtnetlink.execute(link.list()).filter(isNicDown);
  if (down)
    return new Stop(
      `no route to ${dst}: link ${down.name} is down, and so has none`,
      commandAt(place, `ip link set dev ${down.name} up`),
    );
  return new Stop(`no route to ${dst}${from ? '' : withoutAddress(place, dst)}`);
}

/** True for an Ethernet link that is down, except those that the kernel makes in each namespace. */
function isNicDown({ up, type, info }: Link): boolean {
  const ethernet = 1;
  return !up && type === ethernet && !['gretap', 'ip6gretap', 'erspan', 'ip6erspan'].includes(info?.kind ?? '');
}

/** An explanation for a missing route: the namespace has no address of the family. */
function withoutAddress({ rtnetlink, namespace }: Place, dst: string): string {
  const family = familyOf(dst);
  if (rtnetlink.execute(address.list({ family })).some(isUsable)) return '';
  const key = 'net/ipv6/conf/all/disable_ipv6';
  const disabled = family === 'inet6' && readSysctl(namespace, key) === '1' ? ` (sysctl ${key} is 1)` : '';
  return `: there is no address of ${family === 'inet' ? 'IPv4' : 'IPv6'} that could be its source${disabled}`;
}

function notForwarded(place: Place, off: string): Stop {
  // Writing to "all" writes to each interface.
  const all = off.replace(/conf\/.*\//, 'conf/all/');
  const key = place.namespace.readSysctl(all) === '0' ? all : off;
  return new Stop(`sysctl ${key} is 0: nothing is forwarded from there`, commandAt(place, `sysctl --write ${key}=1`));
}

/** A look-up may succeed though the kernel does not forward, and if it fails there are other possible causes. */
export function requireForwarding(place: Place, { dst }: Packet, { name }: Link): void {
  const isIPv4 = familyOf(dst) === 'inet';
  // For IPv6 only "all" counts, unless the interface has force_forwarding (since Linux 6.17).
  const key = isIPv4 ? `net/ipv4/conf/${name}/forwarding` : 'net/ipv6/conf/all/forwarding';
  const forced = !isIPv4 && readSysctl(place.namespace, `net/ipv6/conf/${name}/force_forwarding`) === '1';
  if (!forced && place.namespace.readSysctl(key) === '0') throw notForwarded(place, key);
}

/** The route of a locally sent packet; undefined if there is none, or one that refuses it. */
export function routeTo({ rtnetlink }: Place, dst: string): Route | undefined {
  const [{ value, error }] = rtnetlink.settle([route.get({ dst })]);
  if (error && !(error instanceof NetlinkError)) throw error;
  return value;
}

export function isLocal(place: Place, address: string): boolean {
  return routeTo(place, address)?.type === 'local';
}

/**
 * True if reverse path filtering drops the packet. The errno, EXDEV or EINVAL depending on the kernel's version, has other
 * causes too, so the sysctl and the route back decide.
 */
function isFiltered(place: Place, src: string, { name, index }: Link): boolean {
  const value = (dev: string) => Number(place.namespace.readSysctl(`net/ipv4/conf/${dev}/rp_filter`));
  const back = routeTo(place, src);
  const effective = Math.max(value('all'), value(name!));
  // On a link without an address, such as the host end of a pair, loose mode is as strict as strict mode.
  const isLoose = effective === 2 && place.rtnetlink.execute(address.list({ index, family: 'inet' })).length > 0;
  return effective !== 0 && (isLoose ? back === undefined : back?.oif !== index);
}

function reversePath(place: Place, src: string, from: Link): Stop {
  const { name } = from;
  const value = (dev: string) => place.namespace.readSysctl(`net/ipv4/conf/${dev}/rp_filter`);
  const back = routeTo(place, src);
  const leaves = back?.oif === undefined ? undefined : place.rtnetlink.execute(link.get({ index: back.oif }));
  const foreign = customRuleFor(place.rtnetlink, { src: undefined, dst: src });
  const by = foreign ? `, by rule ${foreign}` : '';
  // A pod sends from the address of one NIC by another.
  const isOtherNic = isHostEnd(from) && leaves?.linkNetnsid !== undefined && leaves.linkNetnsid === from.linkNetnsid;
  const to = isOtherNic ? ', which leads to the same pod' : '';
  const way = leaves ? `the way back to ${src} is by ${leaves.name}${to}${by}` : `there is no way back to ${src}${by}`;
  const set = ['all', name].filter(dev => value(dev!) !== '0').map(dev => `net/ipv4/conf/${dev}/rp_filter=0`);
  // If the link is a pair's, the filter is right and the route is wrong.
  const route = `ip route replace ${hostPrefix(src)} dev ${name} protocol ${protocol}`;
  const isPort = leaves?.master === from.index;
  // No remedy against a rule, as it is not known who made it, nor for a route in the pod whose gateway is not known.
  const remedy = isPort
    ? `ip link set dev ${leaves.name} nomaster`
    : !isHostEnd(from)
      ? // Without a route back, the reply would get nowhere even if the filter were off.
        leaves && `sysctl --write ${set.join(' ')}`
      : foreign || isOtherNic
        ? undefined
        : route;
  return new Stop(
    `rp_filter drops what comes from ${src} in by ${name}: ${way} (all is ${value('all')}, ${name} is ${value(name!)}; the larger counts)`,
    remedy && commandAt(place, remedy),
  );
}
