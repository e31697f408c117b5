// Inspects everything that veth created on a node, and whether it works.
import { NetNs } from '@spider/netns';
import { address, type Link, link, type Rtnetlink, withoutLength } from '@spider/rtnetlink';
import { attachmentNames, isHostEnd } from '../../names.ts';
import { isUsable } from '../../observe/fields.ts';
import { readCaches } from '../cached.ts';
import type { Configurations } from '../configurations.ts';
import { hostEnds, type PodFilter, pathsOf, refuseUnmatched } from '../pods.ts';
import { CachedRtnetlink } from './cached-rtnetlink.ts';
import { nodeFindings, orphanFinding } from './health.ts';
import type { Inspection, PodInspection } from './inspection.ts';
import { inspectPod } from './pod.ts';
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
