// Plans the changes that the pod needs. ADD makes them and CHECK reports them, so the two cannot disagree, and a repeated
// ADD changes nothing.
import type { Result } from '@spider/cni-skel';
import { InterfaceAddress } from '@spider/ip';
import {
  anywhere,
  familyOf,
  hostPrefix,
  ipFamilies,
  mainTable,
  pathsOf,
  type Route,
  type RouteInput,
  type RuleInput,
} from '@spider/rtnetlink';
import { addRule, type Change, deleteRoute, deleteRule, replaceRoute } from './change.ts';
import type { Config } from './config.ts';
import { type Facts, protocol } from './pod.ts';
import { agrees, isDefault, keyOf, leadsThrough, ownPart, type WantedRoute } from './route.ts';
import { configuredGateway, type Group, groupsOf } from './tables.ts';

/** The changes, in two steps: a route leaves `main` only after it was added to the NIC's table. */
export interface Plan {
  readonly added: readonly Change[];
  readonly removed: readonly Change[];
}

export function plan(conf: Config, facts: Facts, prevResult: Result): Plan {
  const groups = groupsOf(conf, facts, prevResult);
  const routes = groups.flatMap(group => routesOf(group, groups, conf, facts, prevResult));
  const rules = rulesOf(conf, facts, groups);
  return {
    added: [
      ...gatewaysLast(routes).flatMap(wanted => missingRoute(wanted, facts)),
      ...rules.filter(wanted => !facts.rules.some(isLike(wanted))).map(addRule),
    ],
    removed: [...staleRules(rules, groups, facts), ...leavingRoutes(conf, facts)],
  };
}

/** The kernel accepts a gateway only if there is a route to it. */
export function gatewaysLast<R extends RouteInput>(routes: readonly R[]): R[] {
  const isDirect = ({ gateway, via, nexthops }: R) => (gateway ?? via ?? nexthops) === undefined;
  return [...routes.filter(isDirect), ...routes.filter(route => !isDirect(route))];
}

/** The routes of a group's table: the NIC's own routes, and those of `prevResult`. */
function routesOf(
  group: Group,
  groups: readonly Group[],
  conf: Config,
  { nic, routes }: Facts,
  prevResult: Result,
): WantedRoute[] {
  const wanted = new Map<string, WantedRoute>();
  const want = (route: WantedRoute): unknown => wanted.set(keyOf(route), route);
  const has = (dst: string): boolean => [...wanted.values()].some(route => route.dst === dst);
  const ours = { table: group.table, oif: nic.index, protocol };

  for (const table of [group.table, mainTable])
    for (const found of routes.filter(found => found.table === table))
      if (!isDefault(found) || (!isOverridden(found, conf) && ownerOf(found, groups) === group))
        for (const route of ownPart(found, nic.index, group.table)) want(route);

  // If two NICs have a route to one destination, only the first gets it into main. Each table has its own.
  for (const { dst: text, gw, mtu, advmss, priority, table } of prevResult.routes ?? []) {
    const dst = InterfaceAddress.parse(text).prefix.toString();
    const family = familyOf(dst);
    const gateway = gw ?? group.gateways[family];
    const isOfOtherGroup = isDefault({ dst }) && gateway !== group.gateways[family];
    if (table !== undefined || isOfOtherGroup || has(dst) || !hasFamilyOf(nic.addresses, dst)) continue;
    const metrics = { ...(mtu && { mtu }), ...(advmss && { advmss }) };
    want({ ...ours, dst, ...via(gateway), ...(priority && { priority }), ...((mtu ?? advmss) && { metrics }) });
  }
  for (const family of ipFamilies) {
    const gateway = group.gateways[family];
    const dst = anywhere[family];
    if (gateway && !has(dst)) want({ ...ours, dst, ...via(gateway) });
  }
  return [...wanted.values()];
}

/** `onlink`, because the gateway may be outside the NIC's prefixes, for example if its address is a /32. */
function via(gateway: string | undefined): Partial<WantedRoute> {
  return gateway ? { gateway, onlink: true } : {};
}

function hasFamilyOf(addresses: readonly string[], dst: string): boolean {
  return addresses.some(address => familyOf(address) === familyOf(dst));
}

function isOverridden({ dst }: Route, conf: Config): boolean {
  return configuredGateway(conf, familyOf(dst!)) !== undefined;
}

/** The group whose table gets a default route: the one with its gateway, otherwise the first. */
function ownerOf(found: Route, groups: readonly Group[]): Group | undefined {
  const gateways = pathsOf(found).map(({ gateway }) => gateway);
  return groups.find(group => gateways.includes(group.gateways[familyOf(found.dst!)])) ?? groups[0];
}

function missingRoute(wanted: WantedRoute, { nic, routes }: Facts): Change[] {
  const before = routes
    .filter(({ table }) => table === wanted.table)
    .flatMap(found => ownPart(found, nic.index, wanted.table))
    .find(found => keyOf(found) === keyOf(wanted));
  return before && agrees(wanted, before) ? [] : [replaceRoute(wanted, before, nic.name)];
}

function rulesOf({ priority, rules }: Config, { nic }: Facts, groups: readonly Group[]): RuleInput[] {
  const [{ table }] = groups as [Group];
  return [
    ...groups.flatMap(group =>
      group.addresses.map(address => ({ priority, src: hostPrefix(address), table: group.table, protocol })),
    ),
    ...rules
      .filter(({ from, to }) => hasFamilyOf(nic.addresses, String(from ?? to)))
      .map(({ from, to, ...rule }) => ({
        priority: rule.priority ?? priority,
        ...(from && { src: String(from) }),
        ...(to && { dst: String(to) }),
        table,
        protocol,
      })),
  ];
}

/** True for a rule with the same effect, whoever made it. */
function isLike(wanted: RuleInput): (found: RuleInput) => boolean {
  return ({ priority, src, dst, table }) =>
    priority === wanted.priority && src === wanted.src && dst === wanted.dst && table === wanted.table;
}

/** Our rules that lead to the NIC's tables but are not wanted any more: for lost addresses or an earlier configuration. */
function staleRules(wanted: readonly RuleInput[], groups: readonly Group[], { rules }: Facts): Change[] {
  const tables = groups.map(({ table }) => table);
  return rules
    .filter(found => found.protocol === protocol && tables.includes(found.table))
    .filter(found => !wanted.some(isLike(found)))
    .map(({ family, priority, src, dst, table, protocol }) =>
      deleteRule({ family, priority, src, dst, table, protocol }),
    );
}

/** The NIC's routes that leave `main`. A default route leaves only if `main` keeps another one. */
function leavingRoutes(conf: Config, { nic, routes }: Facts): Change[] {
  const main = routes.filter(({ table }) => table === mainTable);
  const own = main.filter(leadsThrough(nic.index));
  const hasOther = (dst: string): boolean =>
    main.some(found => found.dst === dst && pathsOf(found).some(({ oif }) => oif !== nic.index));
  // The rollback restores them in reverse order.
  return gatewaysLast(own)
    .toReversed()
    .filter(found => leaves(found, conf, hasOther))
    .flatMap(found => {
      const isShared = pathsOf(found).some(({ oif }) => oif !== nic.index);
      // IPv4 cannot remove one path of a multipath route.
      if (isShared && found.family === 'inet') return [];
      return ownPart(found, nic.index, mainTable).flatMap(before => {
        const paths = isShared ? (before.nexthops ?? [{}]) : [{}];
        return paths.map(path => deleteRoute({ ...before, ...path } as WantedRoute, before, nic.name));
      });
    });
}

function leaves(found: Route, { move, ...conf }: Config, hasOther: (dst: string) => boolean): boolean {
  // Link-local destinations are reached by naming the link. An advertised route would return with the next advertisement.
  if (move === 'none' || found.dst?.startsWith('fe80:') || found.protocol === 'ra') return false;
  if (isDefault(found)) return hasOther(found.dst!) && !isOverridden(found, { move, ...conf });
  return move === 'all';
}
