// Reads the facts from the kernel, with as few sends as possible. Their number does not grow with the node's pods.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import {
  address,
  link,
  NetlinkError,
  neighbour,
  nsid,
  type Outcome,
  type Route,
  type Rule,
  route,
  rule,
} from '@spider/rtnetlink';
import { isOurs, podEnd, replyTable } from '../datapath.ts';
import { Code } from '../errors.ts';
import type { Facts } from '../facts.ts';
import { attachmentNames, namesOf } from '../names.ts';
import type { Site, Sites } from '../sites.ts';
import { readSysctl } from '../sysctl.ts';
import { awaitAdvertisement, awaitDetection } from './await-addresses.ts';
import { addressFields, addressOf, linkFields, type ObservedLink } from './fields.ts';
import { deviationsIn, installedOn } from './installed.ts';
import { nicOf, otherIndexes } from './nic.ts';
import { inLanOf, nodeAddressesOf, viewOf } from './node.ts';
import { isForwarding, isPair, isPairOf, pairOf } from './pair.ts';

/**
 * The facts for the container's interface `ifName`.
 * @throws CNIError if the interface is missing or has no usable address, or if a name of the pair or an address is taken
 */
export function observe(
  { pod, node }: Sites,
  containerID: string,
  ifName: string,
  prevResult: Facts['prevResult'] = {},
): Facts {
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
  // The first ADD in a pod with one NIC does not need the routes.
  const [podRoutes, otherLinks] =
    others.length > 0 || podLink
      ? [pod.rtnetlink.execute(route.list()), pod.rtnetlink.batch(others.map(index => link.get({ index }, linkFields)))]
      : [[], []];
  const otherNics = otherLinks.filter(other => other !== undefined);
  const [podRules, podNeighbours, endAddresses] = podLink
    ? pod.rtnetlink.batch([
        rule.list(),
        neighbour.list({ index: podLink.index }),
        address.list({ index: podLink.index }),
      ])
    : // If somebody deleted the pair, the rules are still there.
      [podRoutes.some(isOurs) ? pod.rtnetlink.execute(rule.list()) : [], [], []];
  const nic = nicOf(nicLink, podAddresses, podRoutes);
  if (nic.addresses.length === 0)
    throw new CNIError(ErrorCode.InvalidNetworkConfig, `link ${ifName} in the pod: has no usable global address`);

  const [addressesFound, linkFound, podFound, ...lookUps] = node.rtnetlink.settle([
    address.list({ scope: 'global' }, addressFields),
    link.get(podLink ? { index: podLink.link } : { name: names.hostName }, linkFields),
    nsid.get({ fd: pod.namespace.fd }),
    ...nic.addresses.map(dst => route.get({ dst }, ['type', 'prefsrc'])),
    ...nic.addresses.map(dst => route.get({ dst, fibMatch: true })),
  ]);
  const [nodeAddresses, hostLink, podNumber] = [
    resultOf(addressesFound),
    resultOf(linkFound),
    resultOf(podFound)?.nsid,
  ];
  const count = nic.addresses.length;
  const paths = lookUps.slice(0, count).map(routeFound);
  // These were requested with all fields.
  const matches = lookUps.slice(count) as Outcome<Route | undefined>[];
  const matched = matches.map(routeFound);
  // Indexes are unique only within a namespace, so the number of the peer's namespace must agree too.
  const isPeer = podLink && hostLink?.link === podLink.index && hostLink.linkNetnsid === podNumber;
  if (podLink && !(hostLink && isPeer && isPair(hostLink, containerID)))
    throw new CNIError(Code.NameTaken, `link ${podEnd} in the pod: exists and is not ours (kind ${kindOf(podLink)})`);
  if (!podLink && hostLink && !isPairOf(hostLink, containerID))
    throw new CNIError(
      Code.NameTaken,
      `link ${names.hostName} on the node: exists and is not ours (kind ${kindOf(hostLink)})`,
    );

  const nodeViews = nic.addresses.map((own, i) => {
    return { own, view: viewOf(own, nodeAddresses, paths[i], matched[i]), match: matches[i]! };
  });
  const installed =
    podLink && hostLink
      ? installedOn(
          node.rtnetlink,
          hostLink.index,
          nodeViews.map(found => ({ ...found, lans: inLanOf(found.own, nodeAddresses) })),
        )
      : undefined;
  return {
    nic,
    prevResult,
    others: otherNics.map(other => nicOf(other, podAddresses, podRoutes)),
    pair: podLink && hostLink && pairOf(podLink, endAddresses, hostLink),
    ours: {
      pod: {
        routes: podRoutes.filter(isOurs),
        rules: podRules.filter(isOurs),
        neighbours: podNeighbours.filter(isOurs),
        ...(podLink
          ? deviationsIn({ addresses: endAddresses, routes: podRoutes, rules: podRules })
          : { wrongAddresses: [], contested: { routes: [], rules: [] } }),
      },
      node: installed?.ours ?? { routes: [], neighbours: [], contested: [] },
      attachments: podLink && hostLink ? attachmentNames(hostLink) : [],
    },
    otherAddresses: new Set(podAddresses.filter(({ index }) => index !== nic.index).map(addressOf)),
    replyMark: replyMarkOf(podRules),
    rpFilter: rpFilterOf(pod, [nicLink.index, podLink?.index], otherNics),
    leftover: podLink ? undefined : hostLink?.index,
    node: {
      forwards: isForwarding(node.namespace, (podLink && hostLink?.name) ?? 'default'),
      addresses: nodeAddressesOf(node.rtnetlink, nodeAddresses),
      views: new Map(installed?.views ?? nodeViews.map(({ own, view }) => [own, view])),
    },
  };
}

function resultOf<T>({ value, error }: Outcome<T>): T {
  if (error) throw error;
  return value;
}

/** The errnos of look-ups that match a blackhole, prohibit or unreachable route. */
const refusals = ['EINVAL', 'EACCES', 'EHOSTUNREACH'];

/** The route that a look-up found; undefined if there is none, or one that refuses. */
function routeFound<T>(outcome: Outcome<T | undefined>): T | undefined {
  const { error } = outcome;
  return error instanceof NetlinkError && refusals.includes(error.code) ? undefined : resultOf(outcome);
}

function kindOf({ info }: ObservedLink): string {
  return info?.kind ?? 'none: a hardware device';
}

/** The mark of our rules that lead to the reply table. */
function replyMarkOf(rules: readonly Rule[]): number | undefined {
  for (const found of rules) if (isOurs(found) && found.table === replyTable) return found.mark;
  return undefined;
}

function rpFilterOf(
  { namespace, rtnetlink }: Site,
  ours: readonly (number | undefined)[],
  others: readonly ObservedLink[],
): Facts['rpFilter'] {
  const found = new Map<string, number>();
  const read = (name: string) => {
    const value = readSysctl(namespace, `net/ipv4/conf/${name}/rp_filter`);
    if (value !== undefined) found.set(name, Number(value));
  };
  read('all');
  // A value of 0 overrides no other, so the others are not needed.
  if (found.get('all') === 0) return found;
  read('default');
  // Links begin with the value of `default`. If that is not overridden, only NICs are asked for theirs, which are known.
  if (found.get('default')! >= found.get('all')!) for (const other of others) read(other.name!);
  else
    for (const { index, name } of rtnetlink.execute(link.list({}, ['index', 'name'])))
      if (!ours.includes(index)) read(name!);
  return found;
}
