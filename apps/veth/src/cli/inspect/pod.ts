// Inspects a pod that has a pair.
import { familyOf, type Link, link, type Route, type Rule } from '@spider/rtnetlink';
import { isOurs, podEnd, replyTable } from '../../datapath.ts';
import { attachmentNames, attachmentOf } from '../../names.ts';
import type { Actual } from '../../object/object.ts';
import { readActual } from '../../object/read.ts';
import { type Site, Sites } from '../../sites.ts';
import { readSysctl } from '../../sysctl.ts';
import type { Finding } from '../finding.ts';
import { podOf } from '../pods.ts';
import { configuredIn, type Known } from './configured.ts';
import { pairFindings, podFindings } from './health.ts';
import type { EndInspection, NicInspection, PairInspection, PodInspection } from './inspection.ts';
import { inspectNic } from './nic.ts';
import { unusedNodeRoutes, unusedPodRoutes } from './unused-routes.ts';

/** `netns` is undefined if no path leads to its network namespace. */
export async function inspectPod(
  node: Site,
  host: Link,
  netns: string | undefined,
  known: Known,
): Promise<PodInspection> {
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
  const nics = attachments.map(attachment => inspectNic(sites, attachment, inPod));
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
