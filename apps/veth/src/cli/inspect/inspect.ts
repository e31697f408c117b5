// Inspects everything that veth created on a node, and whether it works.
import { NetNs } from '@spider/netns';
import {
  address,
  familyOf,
  hostPrefix,
  ipFamilies,
  type Link,
  link,
  mainTable,
  type Route,
  type Rtnetlink,
  type Rule,
  withoutLength,
} from '@spider/rtnetlink';
import { isOurs, ownTable, podEnd, replyTable } from '../../datapath.ts';
import { type Attachment, attachmentName, attachmentNames, attachmentOf, isHostEnd } from '../../names.ts';
import type { Actual } from '../../object/object.ts';
import { readActual } from '../../object/read.ts';
import { isUsable } from '../../observe/fields.ts';
import { type Site, Sites } from '../../sites.ts';
import { readSysctl } from '../../sysctl.ts';
import { type Caches, readCaches } from '../cached.ts';
import type { Json } from '../configuration.ts';
import type { Configurations } from '../configurations.ts';
import type { Finding } from '../finding.ts';
import { hostEnds, type PodFilter, pathsOf, podOf, refuseUnmatched } from '../pods.ts';
import { CachedRtnetlink } from './cached-rtnetlink.ts';
import { type Configured, configuredAs } from './configured.ts';
import { nodeFindings, orphanFinding, pairFindings, podFindings } from './health.ts';
import type {
  EndInspection,
  Inspection,
  NicInspection,
  PairInspection,
  PathInspection,
  PodInspection,
} from './inspection.ts';
import { unusedNodeRoutes, unusedPodRoutes } from './unused-routes.ts';
import { withoutPairFindings } from './without-pair.ts';

/** @throws Error if the filter matches no pod */
export async function inspect(filter: PodFilter, configurations: Configurations): Promise<Inspection> {
  using namespace = NetNs.current();
  using node = CachedRtnetlink.openIn(namespace);
  const withoutPair = await withoutPairFindings(filter, configurations.caches);
  const hosts = hostEnds(node, filter);
  const known = { conf: configurations.conf, caches: readCaches(configurations.caches) };
  if (hosts.length === 0 && withoutPair.length === 0) refuseUnmatched(filter);
  const paths = pathsOf(node, hosts, filter);
  const [addresses] = node.batch([address.list()]);
  const pods: PodInspection[] = [];
  for (const host of hosts)
    pods.push(await inspectPod({ namespace, rtnetlink: node }, host, paths.get(host.linkNetnsid), known));
  return {
    node: {
      addresses: [...new Set(addresses.filter(isUsable).map(({ address }) => withoutLength(address!)))],
      findings: [
        ...(hosts.length > 0 ? nodeFindings(namespace) : []),
        ...(filter.netns === undefined && filter.pod === undefined ? orphans(node).map(orphanFinding) : []),
        ...withoutPair,
      ],
    },
    pods,
  };
}

/** Links that look like host ends of pairs, but have no attachment's name. */
function orphans(node: Rtnetlink): Link[] {
  return node.execute(link.list()).filter(found => isHostEnd(found) && attachmentNames(found).length === 0);
}

interface Known {
  readonly conf: Json | undefined;
  readonly caches: Caches;
}

async function inspectPod(node: Site, host: Link, netns: string | undefined, known: Known): Promise<PodInspection> {
  // The name has only a hash of an ID that is too long.
  const attachments = attachmentNames(host).map(name => known.caches.get(name) ?? attachmentOf(name));
  const onNode = readActual(node.rtnetlink, [host.index]);
  const base = { pod: podOf(host), containerID: attachments[0]!.containerID, netns };
  const pair = { host: endOf(host), pod: undefined, routed: routedBy(onNode) };
  if (netns === undefined)
    return {
      ...base,
      pair,
      nics: attachments.map(({ ifName, network }) => ({
        name: ifName,
        network,
        kind: undefined,
        addresses: [],
        paths: [],
      })),
      findings: [
        ...pairFindings(node, host, undefined, netns),
        {
          object: `namespace number ${host.linkNetnsid}`,
          problem:
            'has no name in /run/netns, and no process that is seen from here; of the pod only the node’s side is shown',
          broken: false,
        },
      ],
    };
  using sites = new Sites(netns, node);
  const socket = sites.pod.rtnetlink;
  const podLink = socket.execute(link.get({ name: podEnd }));
  const inPod = readActual(socket, podLink ? [podLink.index] : []);
  const { configured, refused } = await configuredIn(netns, attachments, known);
  const asksForReplyPath = [...configured.values()].some(({ conf }) => conf.replyMark !== undefined);
  if (asksForReplyPath || hasReplyPath(inPod)) await sites.openNftables();
  const nics = attachments.map(attachment => nicOf(sites, attachment, inPod));
  const lost = pair.routed.filter(address => !nics.some(({ addresses }) => addresses.includes(address)));
  return {
    ...base,
    pair: { ...pair, pod: podLink && endOf(podLink) },
    nics,
    findings: [
      ...refused,
      ...lostAddresses(sites.pod, lost, pair, nics),
      ...pairFindings(node, host, podLink, netns),
      ...podFindings({ sites, netns, attachments, routes: inPod.route as Route[], lost, configured }),
      ...unusedNodeRoutes(node, host, pair.routed),
      ...(podLink?.up ? unusedPodRoutes(sites, podLink, nics) : []),
    ],
  };
}

/** The configurations that are known, by attachment, and findings about those that ADD would refuse. */
async function configuredIn(netns: string, attachments: readonly Attachment[], { conf: given, caches }: Known) {
  const configured = new Map<Attachment, Configured>();
  const refused: Finding[] = [];
  for (const attachment of attachments) {
    const { ifName, network } = attachment;
    const cached = caches.get(attachmentName(attachment));
    const isGiven = given && (given['name'] ?? network) === network;
    const conf = isGiven ? given : cached?.conf;
    if (!conf) continue;
    try {
      configured.set(attachment, await configuredAs({ ...attachment, netns, cached }, conf));
    } catch (error) {
      const object = `configuration of ${ifName}, network ${network}`;
      refused.push({ object, problem: `ADD would refuse it now: ${(error as Error).message}`, broken: true });
    }
  }
  return { configured, refused };
}

/**
 * Findings for addresses that the node routes to the pod but the pod has lost, as a NIC's IPv6 addresses when it goes down.
 */
function lostAddresses(
  { namespace }: Site,
  lost: readonly string[],
  { host }: PairInspection,
  nics: readonly NicInspection[],
): Finding[] {
  const disabled = nics
    .map(({ name }) => `net/ipv6/conf/${name}/disable_ipv6`)
    .find(key => readSysctl(namespace, key) === '1');
  return lost.map(address => ({
    object: `address ${address} in the pod`,
    problem: `missing${disabled && familyOf(address) === 'inet6' ? ` (sysctl ${disabled} is 1)` : ''}, and the node routes it to ${host.name}; the plugin before veth gives it back when the pod is made anew`,
    broken: true,
  }));
}

function endOf({ name, index, address, mtu, up }: Link): EndInspection {
  return { name: name!, index, address: address!, mtu: mtu!, up };
}

function hasReplyPath({ rule: rules }: Actual): boolean {
  return (rules as Rule[]).some(found => isOurs(found) && found.table === replyTable);
}

function routedBy({ route: routes }: Actual): string[] {
  return (routes as Route[]).filter(isOurs).map(({ dst }) => dst!.replace(/\/(32|128)$/, ''));
}

function nicOf({ pod }: Sites, { ifName, network }: Attachment, inPod: Actual): NicInspection {
  const nic = pod.rtnetlink.execute(link.get({ name: ifName }));
  if (!nic) return { name: ifName, network, kind: undefined, addresses: [], paths: [] };
  const found = pod.rtnetlink.execute(address.list({ index: nic.index })).filter(isUsable);
  const addresses = found.map(({ address }) => withoutLength(address!));
  return {
    name: ifName,
    network,
    kind: nic.info?.kind,
    addresses,
    paths: ipFamilies.flatMap(family => pathOf(family, nic, addresses, inPod) ?? []),
  };
}

function pathOf(
  family: PathInspection['family'],
  nic: Link,
  addresses: readonly string[],
  inPod: Actual,
): PathInspection | undefined {
  const routes = (inPod.route as Route[]).filter(
    found => found.family === family && isOurs(found) && addresses.includes(found.prefsrc ?? ''),
  );
  const own = routes.filter(({ table }) => table === ownTable(nic.index));
  const [table, through] = own.length > 0 ? [ownTable(nic.index), own] : [mainTable, routes];
  const [first] = through;
  if (!first) return undefined;
  const isOwn = ({ src }: Rule) => table !== mainTable || addresses.some(own => src === hostPrefix(own));
  const rules = (inPod.rule as Rule[]).filter(
    found => found.family === family && isOurs(found) && found.table === table && isOwn(found),
  );
  return {
    family,
    role: table === mainTable ? 'primary' : 'secondary',
    source: first.prefsrc!,
    gateway: first.gateway ?? '',
    table,
    rules: rules.map(ruleText),
    destinations: through.map(({ dst }) => dst!.replace(/\/(32|128)$/, '')),
  };
}

/** A rule as ip-rule(8) writes it. */
function ruleText({ priority, src, dst, table }: Rule): string {
  return `${priority}: from ${src ?? 'all'}${dst ? ` to ${dst}` : ''} lookup ${table === mainTable ? 'main' : table}`;
}
