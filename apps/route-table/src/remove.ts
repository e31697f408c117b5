// DEL: removes what ADD made. No state is stored: our rules name the tables, and the routes in them without our protocol
// number came from `main`.
import type { Result } from '@spider/cni-skel';
import {
  hostPrefix,
  mainTable,
  NetlinkError,
  type Request,
  type Rtnetlink,
  route,
  rule,
  withoutLength,
} from '@spider/rtnetlink';
import { dropRoute } from './change.ts';
import { gatewaysLast } from './plan.ts';
import { look, open, protocol } from './pod.ts';
import { leadsThrough, ownPart } from './route.ts';

/** Removes the NIC's rules and routes. It is no error if they, the NIC or the namespace do not exist. */
export function remove(netns: string, ifName: string, prevResult: Result | undefined): void {
  using pod = openIfPresent(netns);
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
          // The table of a NIC that is gone, with its routes.
          (!nic && !routes.some(found => found.table === table)),
      ),
  );

  const moved = own.filter(({ table }) => tables.has(table));
  const restored = moved
    .filter(found => found.protocol !== protocol)
    .flatMap(found => ownPart(found, nic!.index, mainTable));
  // A route that is in `main` already stays as it is, be it another NIC's.
  executeIgnoring(['EEXIST'], pod, gatewaysLast(restored).map(route.add));
  executeIgnoring(['ENOENT', 'ESRCH'], pod, [
    ...ours
      .filter(({ table }) => tables.has(table))
      .map(({ family, priority, src, dst, table, protocol }) =>
        rule.delete({ family, priority, src, dst, table, protocol }),
      ),
    ...moved.flatMap(found => ownPart(found, nic!.index, found.table)).map(dropRoute),
  ]);
}

function openIfPresent(netns: string): Rtnetlink | undefined {
  try {
    return open(netns);
  } catch {
    return undefined;
  }
}

function addressesIn({ interfaces = [], ips = [] }: Result = {}, ifName: string): string[] {
  const isOwn = (index: number | undefined) => index === undefined || interfaces[index]?.name === ifName;
  return ips.filter(ip => isOwn(ip.interface)).map(ip => withoutLength(ip.address));
}

function executeIgnoring(codes: readonly string[], pod: Rtnetlink, requests: readonly Request<void>[]): void {
  for (const { error } of pod.settle(requests))
    if (error && !(error instanceof NetlinkError && codes.includes(error.code))) throw error;
}
