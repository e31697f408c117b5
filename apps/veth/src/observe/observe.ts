// Asks the kernel for the facts, in as few sends as they need, none of which grows with the node's pods.
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
import { nicOf, otherIndexes } from './nic.ts';
import { facing, nodeAddressesOf, viewOf } from './node.ts';
import { isPair, isPairOf, pairOf } from './pair.ts';
import { addressFields, addressOf, linkFields, type SeenLink } from './seen.ts';
import { misplacedIn, standingOn } from './standing.ts';

/**
 * The facts for the container's attachment `ifName`, which is what the chain has given it so far.
 * @throws CNIError where pod or node are not as they must be.
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
    : // A pair that somebody deleted took no rule with it.
      [podRoutes.some(isOurs) ? pod.rtnetlink.execute(rule.list()) : [], [], []];
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
    prevResult,
    others: otherLinks.filter(other => other !== undefined).map(other => nicOf(other, podAddresses, podRoutes)),
    pair: podLink && hostLink && pairOf(podLink, endAddresses, hostLink, node.namespace),
    ours: {
      pod: {
        routes: podRoutes.filter(isOurs),
        rules: podRules.filter(isOurs),
        neighbours: podNeighbours.filter(isOurs),
        ...(podLink
          ? misplacedIn({ addresses: endAddresses, routes: podRoutes, rules: podRules })
          : { wrongAddresses: [], contested: { routes: [], rules: [] } }),
      },
      node: standing?.ours ?? { routes: [], neighbours: [], contested: [] },
      attachments: podLink && hostLink ? attachmentNames(hostLink) : [],
    },
    otherAddresses: new Set(podAddresses.filter(({ index }) => index !== nic.index).map(addressOf)),
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

/** The mark of those rules of ours by which replies find their way. */
function replyMarkOf(rules: readonly Rule[]): number | undefined {
  for (const found of rules) if (isOurs(found) && found.table === replyTable) return found.mark;
  return undefined;
}

function rpFilterOf({ namespace, rtnetlink }: Site, ours: readonly (number | undefined)[]): Facts['rpFilter'] {
  const found = new Map<string, number>();
  const read = (name: string) => {
    const value = readSysctl(namespace, `net/ipv4/conf/${name}/rp_filter`);
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
