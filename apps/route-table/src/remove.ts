// Takes away what ADD made. The kernel is the database: our rules tell the tables, and what stands there and was not
// made by us came from `main`.
import type { Result } from '@spider/cni-skel';
import { mainTable, NetlinkError, type Request, type Rtnetlink, route, rule } from '@spider/rtnetlink';
import { dropRoute } from './change.ts';
import { gatewaysLast } from './plan.ts';
import { bare, hostPrefix, look, open, protocol } from './pod.ts';
import { leadsThrough, ownPart } from './route.ts';

/** Finding nothing, in whatever form, is no error. */
export function remove(netns: string, ifName: string, prevResult: Result | undefined): void {
  using pod = openUnlessGone(netns);
  if (!pod) return;
  const { nic, routes, rules } = look(pod, ifName);
  const own = nic ? routes.filter(leadsThrough(nic.index)) : [];
  const sources = [...(nic?.addresses ?? []), ...addressesIn(prevResult, ifName)].map(hostPrefix);
  const ours = rules.filter(found => found.protocol === protocol);
  const tables = new Set(
    ours
      .map(({ table }) => table)
      .filter(
        table =>
          own.some(found => found.table === table) ||
          ours.some(({ src, ...found }) => found.table === table && sources.includes(src ?? '')) ||
          // Of a NIC that is gone, with its routes.
          (!nic && !routes.some(found => found.table === table)),
      ),
  );

  const standing = own.filter(({ table }) => tables.has(table));
  const returning = standing
    .filter(found => found.protocol !== protocol)
    .flatMap(found => ownPart(found, nic!.index, mainTable));
  // What is there again, or gives way to another NIC's by now, stays as it is.
  executeUnless(['EEXIST'], pod, gatewaysLast(returning).map(route.add));
  executeUnless(['ENOENT', 'ESRCH'], pod, [
    ...ours
      .filter(({ table }) => tables.has(table))
      .map(({ family, priority, src, dst, table, protocol }) =>
        rule.delete({ family, priority, src, dst, table, protocol }),
      ),
    ...standing.flatMap(found => ownPart(found, nic!.index, found.table)).map(dropRoute),
  ]);
}

function openUnlessGone(netns: string): Rtnetlink | undefined {
  try {
    return open(netns);
  } catch {
    return undefined;
  }
}

function addressesIn({ interfaces = [], ips = [] }: Result = {}, ifName: string): string[] {
  const isOwn = (index: number | undefined) => index === undefined || interfaces[index]?.name === ifName;
  return ips.filter(ip => isOwn(ip.interface)).map(ip => bare(ip.address));
}

function executeUnless(codes: readonly string[], pod: Rtnetlink, requests: readonly Request<void>[]): void {
  for (const { error } of pod.settle(requests))
    if (error && !(error instanceof NetlinkError && codes.includes(error.code))) throw error;
}
