// Asks the kernel for the facts, in as few sends as they need, none of which grows with the node's pods.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { InterfaceAddress, Address as IPAddress } from '@spider/ip';
import type { NetNs } from '@spider/netns';
import {
  type Address,
  address,
  addressFlags,
  type Link,
  link,
  mainTable,
  NetlinkError,
  neighbour,
  nsid,
  type Outcome,
  type Route,
  type Rtnetlink,
  type Rule,
  route,
  rule,
  type Selected,
} from '@spider/rtnetlink';
import { Code } from './errors.ts';
import {
  type Facts,
  type Family,
  families,
  familyOf,
  type Nic,
  type NodeAddress,
  type NodeView,
  type Pair,
} from './facts.ts';
import { attachmentNames, isOfContainer, isOurs, namesOf, ownTable, podEnd, replyTable } from './identity.ts';
import { nicRoutesOf } from './nic-route.ts';
import { bare } from './part.ts';
import { hostPrefix } from './plan/prefix.ts';
import { settable } from './settable.ts';
import { settingOf } from './setting.ts';
import type { Site, Sites } from './sites.ts';
import { misplacedIn, standingOn } from './standing.ts';

/** What is read of links: they have much more, and reading that would take longer than anything else here. */
export const linkFields = [
  'index',
  'name',
  'up',
  'address',
  'mtu',
  'txqueuelen',
  'alias',
  'altNames',
  'info.kind',
  'link',
  'linkNetnsid',
  'master',
] as const;
type SeenLink = Selected<Link, (typeof linkFields)[number]>;

export const addressFields = ['address', 'family', 'scope', 'index', 'flags'] as const;
type SeenAddress = Pick<Address, (typeof addressFields)[number]>;

/**
 * The facts for the container's attachment `ifName`, which is what the chain has `given` it so far.
 * @throws CNIError where pod or node are not as they must be.
 */
export function observe({ pod, node }: Sites, containerID: string, ifName: string, given: Facts['given'] = {}): Facts {
  const names = namesOf(containerID);
  const [nicLink, podLink, found] = pod.rtnetlink.batch([
    link.get({ name: ifName }, linkFields),
    link.get({ name: podEnd }, linkFields),
    address.list({}, addressFields),
  ]);
  if (!nicLink)
    throw new CNIError(ErrorCode.InvalidNetworkConfig, `link ${ifName} in the pod: missing`, {
      details: 'veth must be chained after the plugin that makes this interface',
    });
  const podAddresses = awaitDetection(pod.rtnetlink, nicLink, awaitAdvertisement(pod, nicLink, found));
  const others = otherIndexes(podAddresses, [nicLink.index, podLink?.index]);
  // In a pod with one NIC, at its first ADD, there is nothing to tell apart.
  const [podRoutes, otherLinks] =
    others.length > 0 || podLink
      ? [pod.rtnetlink.execute(route.list()), pod.rtnetlink.batch(others.map(index => link.get({ index }, linkFields)))]
      : [[], []];
  const [podRules, podNeighbours, endAddresses] = podLink
    ? pod.rtnetlink.batch([
        rule.list(),
        neighbour.list({ index: podLink.index }),
        address.list({ index: podLink.index }),
      ])
    : [[], [], []];
  const nic = nicOf(nicLink, podAddresses, podRoutes);
  if (nic.addresses.length === 0)
    throw new CNIError(ErrorCode.InvalidNetworkConfig, `link ${ifName} in the pod: has no usable global address`);

  const [addressesFound, linkFound, podFound, ...lookUps] = node.rtnetlink.settle([
    address.list({ scope: 'global' }, addressFields),
    link.get(podLink ? { index: podLink.link } : { name: names.hostName }, linkFields),
    nsid.get({ fd: pod.namespace.fd }),
    ...nic.addresses.map(dst => route.get({ dst })),
    ...nic.addresses.map(dst => route.get({ dst, fibMatch: true })),
  ]);
  const [nodeAddresses, hostLink, podNumber] = [
    resultOf(addressesFound),
    resultOf(linkFound),
    resultOf(podFound)?.nsid,
  ];
  const ways = lookUps.map(wayOf);
  const count = nic.addresses.length;
  // An index counts in one namespace alone: that of a peer elsewhere may be the index of another pod's pair here.
  const isPeer = podLink && hostLink?.link === podLink.index && hostLink.linkNetnsid === podNumber;
  if (podLink && !(hostLink && isPeer && isPair(hostLink, containerID)))
    throw new CNIError(Code.NameTaken, `link ${podEnd} in the pod: exists and is not ours (kind ${kindOf(podLink)})`);
  if (!podLink && hostLink && !isPairOf(hostLink, containerID))
    throw new CNIError(
      Code.NameTaken,
      `link ${names.hostName} on the node: exists and is not ours (kind ${kindOf(hostLink)})`,
    );

  const nodesView = nic.addresses.map((own, i) => {
    const [view, match] = [viewOf(own, nodeAddresses, ways[i], ways[count + i]), lookUps[count + i]!];
    return { own, view, match };
  });
  const standing =
    podLink && hostLink
      ? standingOn(
          node.rtnetlink,
          hostLink.index,
          nodesView.map(asked => ({ ...asked, lans: facing(asked.own, nodeAddresses) })),
        )
      : undefined;
  return {
    nic,
    given,
    others: otherLinks.filter(other => other !== undefined).map(other => nicOf(other, podAddresses, podRoutes)),
    pair: podLink && hostLink && pairOf(podLink, endAddresses, hostLink, node.namespace),
    ours: {
      pod: {
        routes: podRoutes.filter(isOurs),
        rules: podRules.filter(isOurs),
        neighbours: podNeighbours.filter(isOurs),
        ...(podLink
          ? misplacedIn({ addresses: endAddresses, routes: podRoutes, rules: podRules })
          : { misfits: [], contested: { routes: [], rules: [] } }),
      },
      node: standing?.ours ?? { routes: [], neighbours: [], contested: [] },
      attachments: podLink && hostLink ? attachmentNames(hostLink) : [],
    },
    foreign: new Set(podAddresses.filter(({ index }) => index !== nic.index).map(addressOf)),
    replyMark: replyMarkOf(podRules),
    rpFilter: rpFilterOf(pod, [nicLink.index, podLink?.index]),
    leftover: podLink ? undefined : hostLink?.index,
    node: {
      addresses: nodeAddressesOf(node.rtnetlink, nodeAddresses),
      views: new Map(standing?.views ?? nodesView.map(({ own, view }) => [own, view])),
    },
  };
}

function resultOf<T>({ value, error }: Outcome<T>): T {
  if (error) throw error;
  return value;
}

/** What a look-up fails with where a route says that there is no way: a blackhole, a prohibited or an unreachable one. */
const denials = ['EINVAL', 'EACCES', 'EHOSTUNREACH'];

/** What was found by looking up an address; undefined where no way leads there. */
function wayOf(outcome: Outcome<Route | undefined>): Route | undefined {
  const { error } = outcome;
  return error instanceof NetlinkError && denials.includes(error.code) ? undefined : resultOf(outcome);
}

function kindOf({ info }: SeenLink): string {
  return info?.kind ?? 'none: a hardware device';
}

/** True for the host end of the container's own pair. */
export function isPairOf(link: SeenLink, containerID: string): boolean {
  const names = attachmentNames(link);
  return names.length > 0 ? names.some(name => isOfContainer(name, containerID)) : isUnfinished(link, containerID);
}

/** True for the host end of any pair of ours: a NIC that was plugged in later may have come under another container ID. */
function isPair(link: SeenLink, containerID: string): boolean {
  return attachmentNames(link).length > 0 || isUnfinished(link, containerID);
}

/** Made by an ADD that was killed before it named the attachment; its hardware address is one nobody else derives. */
function isUnfinished({ info, address }: SeenLink, containerID: string): boolean {
  return info?.kind === 'veth' && address === namesOf(containerID).hostAddress;
}

function pairOf(podLink: SeenLink, podAddresses: readonly Address[], hostLink: SeenLink, node: NetNs): Pair {
  return {
    podIndex: podLink.index,
    podAddress: podLink.address!,
    podMtu: podLink.mtu!,
    podMaster: podLink.master,
    hostIndex: hostLink.index,
    hostName: hostLink.name!,
    hostAddress: hostLink.address!,
    hostUp: hostLink.up,
    hostMaster: hostLink.master,
    alias: hostLink.alias,
    mtu: hostLink.mtu!,
    linkLocal: podAddresses.some(({ family, scope }) => family === 'inet6' && scope === 'link'),
    forwards: isForwarding(node, hostLink.name!),
  };
}

/** The mark of those rules of ours by which replies find their way. */
function replyMarkOf(rules: readonly Rule[]): number | undefined {
  for (const found of rules) if (isOurs(found) && found.table === replyTable) return found.mark;
  return undefined;
}

/** False where the node forwards, but nothing that comes in by this link. Of IPv6 one switch decides about all links. */
function isForwarding(node: NetNs, dev: string): boolean {
  const isOff = (name: string) => settingOf(node, `net/ipv4/conf/${name}/forwarding`) === '0';
  return !isOff(dev) || isOff('all');
}

function rpFilterOf({ namespace, rtnetlink }: Site, ours: readonly (number | undefined)[]): Facts['rpFilter'] {
  const found = new Map<string, number>();
  const read = (name: string) => {
    const value = settingOf(namespace, `net/ipv4/conf/${name}/rp_filter`);
    if (value !== undefined) found.set(name, Number(value));
  };
  read('all');
  // It overrides nobody, so nobody else need be known.
  if (found.get('all') === 0) return found;
  read('default');
  for (const { index, name } of rtnetlink.execute(link.list({}, ['index', 'name'])))
    if (!ours.includes(index)) read(name!);
  return found;
}

function addressOf({ address }: Pick<Address, 'address'>): string {
  return bare(address!);
}

/** Neither failed nor about to go: what new connections may use. An IPv6 privacy address is gone tomorrow. */
export function isUsable({ address, family, scope, flags }: SeenAddress): boolean {
  const { temporary, dadfailed, deprecated, tentative } = addressFlags;
  const unusable = family === 'inet6' ? temporary | dadfailed | deprecated | tentative : deprecated;
  return address !== undefined && scope === 'global' && (flags & unusable) === 0;
}

/** Milliseconds: the kernel takes one to two seconds to find out whether an IPv6 address is somebody else's. */
const detectionTimeout = 3000;
const detectionInterval = 20;

/**
 * The pod's addresses, once the NIC's are no longer tentative: until then they cannot be the source of a route.
 * @throws CNIError where an address turns out to be in use by another.
 */
function awaitDetection(
  pod: Rtnetlink,
  { name, index }: SeenLink,
  found: readonly SeenAddress[],
): readonly SeenAddress[] {
  const is = (flag: number) => (candidate: SeenAddress) =>
    candidate.index === index && candidate.scope === 'global' && (candidate.flags & flag) !== 0;
  let addresses = found;
  for (
    let waited = 0;
    addresses.some(is(addressFlags.tentative)) && waited < detectionTimeout;
    waited += detectionInterval
  ) {
    const duplicate = addresses.find(is(addressFlags.dadfailed));
    if (duplicate)
      throw new CNIError(
        Code.AddressConflict,
        `address ${duplicate.address} dev ${name} in the pod: another on the link has it (duplicate address detection)`,
      );
    addresses = listLater(pod);
  }
  return addresses;
}

/** Milliseconds: before it asks for a router the kernel makes sure of its link-local address, each up to two seconds. */
const advertisementTimeout = 5000;

/** The pod's addresses, once the NIC has a global one, where it has none yet and takes the prefix of a router (RFC 4862). */
function awaitAdvertisement({ namespace, rtnetlink }: Site, { name, index }: SeenLink, found: readonly SeenAddress[]) {
  let addresses = found;
  const own = (scope: Address['scope']) => addresses.some(one => one.index === index && one.scope === scope);
  const listens = () => Number(settingOf(namespace, `net/ipv6/conf/${name}/accept_ra`) ?? 0) > 0;
  if (own('global') || !own('link') || !listens()) return found;
  for (let waited = 0; !own('global') && waited < advertisementTimeout; waited += detectionInterval)
    addresses = listLater(rtnetlink);
  return addresses;
}

function listLater(pod: Rtnetlink): SeenAddress[] {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, detectionInterval);
  return pod.execute(address.list({}, addressFields));
}

/** The links beside these that have usable addresses. */
function otherIndexes(addresses: readonly SeenAddress[], except: readonly (number | undefined)[]): number[] {
  const indexes = addresses.filter(isUsable).map(({ index }) => index);
  return [...new Set(indexes)].filter(index => !except.includes(index));
}

export function nicOf(
  { name, index, mtu, address, txqueuelen, info }: SeenLink,
  addresses: readonly SeenAddress[],
  routes: readonly Route[],
): Nic {
  const held = addresses.filter(candidate => candidate.index === index);
  const own = held.filter(isUsable).map(addressOf);
  const isServing = ({ prefsrc, ...found }: Route) => isOurs(found) && own.includes(prefsrc ?? '');
  const familiesOf = (matches: (route: Route) => boolean): Set<Family> =>
    new Set(families.filter(family => routes.some(found => found.family === family && matches(found))));
  return {
    name: name!,
    kind: info?.kind,
    index,
    mtu: mtu!,
    address: address!,
    txqueuelen: txqueuelen!,
    addresses: own,
    held: new Set(held.map(addressOf)),
    lans: held.filter(({ flags }) => (flags & addressFlags.noprefixroute) === 0).map(({ address }) => address!),
    routes: nicRoutesOf(index, routes),
    ownTables: familiesOf(({ table }) => table === ownTable(index)),
    served: familiesOf(isServing),
    primary: familiesOf(found => isServing(found) && found.table === mainTable && found.priority !== ownTable(index)),
  };
}

/** The node's global addresses. Each counts once, on whatever link it stands first: many links may share one (ptp). */
function nodeAddressesOf(node: Rtnetlink, addresses: readonly SeenAddress[]): NodeAddress[] {
  const usable = addresses.filter(isUsable);
  const first = new Map<string, SeenAddress>();
  // What is in a LAN counts there.
  for (const candidate of [...usable.filter(candidate => !isAlone(candidate)), ...usable.filter(isAlone)])
    if (!first.has(addressOf(candidate))) first.set(addressOf(candidate), candidate);
  const indexes = new Set<number>();
  for (const [, { index }] of first) indexes.add(index);
  const links = new Map<number, Selected<Link, 'name' | 'up' | 'info.kind'>>();
  for (const found of node.batch([...indexes].map(index => link.get({ index }, ['index', 'name', 'up', 'info.kind']))))
    if (found) links.set(found.index, found);
  const found: NodeAddress[] = [];
  for (const [address, candidate] of first) {
    const on = links.get(candidate.index);
    if (on) found.push({ address, dev: on.name!, up: on.up, forPod: isAlone(candidate) && on.info?.kind === 'veth' });
  }
  return found;
}

/** True for an address that is all of its prefix. */
function isAlone(candidate: SeenAddress): boolean {
  return candidate.address === hostPrefix(addressOf(candidate));
}

/** The node's addresses in a LAN of the pod's address. */
function facing(own: string, addresses: readonly SeenAddress[]): SeenAddress[] {
  return addresses.filter(isUsable).filter(({ address }) => {
    return (
      familyOf(own) === familyOf(address!) && InterfaceAddress.parse(address!).prefix.contains(IPAddress.parse(own))
    );
  });
}

function viewOf(
  own: string,
  addresses: readonly SeenAddress[],
  path: Route | undefined,
  match: Route | undefined,
): NodeView {
  if (path?.type === 'local')
    throw new CNIError(Code.AddressConflict, `address ${own} of the pod: is an address of the node too`);
  const exact = match?.table === mainTable && match.dst?.startsWith(`${own}/`) && /\/(32|128)$/.test(match.dst);
  const source = path ? path.prefsrc : facing(own, addresses).map(addressOf)[0];
  return { source, route: exact ? settable(match) : undefined };
}
