// Assigns a routing table to each address of the NIC: one for all, unless the addresses have different gateways.
import { CNIError, type Result } from '@spider/cni-skel';
import { familyOf, hostPrefix, type IPFamily, pathsOf, withoutLength } from '@spider/rtnetlink';
import type { Config } from './config.ts';
import { Code, type Facts, protocol } from './pod.ts';
import { isDefault } from './route.ts';

/** A table, and the addresses whose rules lead to it. */
export interface Group {
  readonly table: number;
  readonly addresses: readonly string[];
  /** The gateways of the table's default routes, if the NIC has none of its own. */
  readonly gateways: Readonly<Record<IPFamily, string | undefined>>;
}

/** The tables that every namespace has: unspecified, `default`, `main`, `local`. */
const reservedTables = [0, 253, 254, 255];

/**
 * The groups, at least one. Each keeps the table that an earlier ADD chose, or gets one that is not in use.
 * @throws CNIError if the configured table has routes of another NIC
 */
export function groupsOf(conf: Config, facts: Facts, prevResult: Result): Group[] {
  const { nic, routes, rules } = facts;
  if (conf.table !== undefined) requireOwn(conf.table, facts);
  const gateways: Record<IPFamily, string[]> = { inet: [], inet6: [] };
  const members: string[][] = [[]];
  for (const address of nic.addresses) {
    const known = gateways[familyOf(address)];
    const gateway = gatewayFor(address, conf, prevResult);
    if (gateway && !known.includes(gateway)) known.push(gateway);
    const group = gateway && conf.table === undefined ? known.indexOf(gateway) : 0;
    members[group] = [...(members[group] ?? []), address];
  }
  // A table with routes of this NIC only, and no rules, is one from an earlier ADD whose rules were lost. It can be used.
  const foreign = routes.filter(route => pathsOf(route).some(({ oif }) => oif !== nic.index));
  const used = new Set([...reservedTables, ...[...foreign, ...rules].map(({ table }) => table)]);
  return members.map((addresses, i) => {
    const table = conf.table ?? tableOf(addresses, facts) ?? unusedTable(nic.index, used);
    used.add(table);
    return { table, addresses, gateways: { inet: gateways.inet[i], inet6: gateways.inet6[i] } };
  });
}

export function configuredGateway({ gateways }: Config, family: IPFamily): string | undefined {
  return gateways.map(String).find(gateway => familyOf(gateway) === family);
}

/** The configured gateway, otherwise the address's own, otherwise that of the default route in `prevResult`. */
function gatewayFor(address: string, conf: Config, { ips = [], routes = [] }: Result): string | undefined {
  const family = familyOf(address);
  const own = ips.find(ip => withoutLength(ip.address) === address);
  const wanted = routes.find(({ dst, gw }) => gw && isDefault({ dst }) && familyOf(dst) === family);
  return configuredGateway(conf, family) ?? own?.gateway ?? wanted?.gw;
}

/** The table to which our rules lead from these addresses. */
function tableOf(addresses: readonly string[], { rules }: Facts): number | undefined {
  const sources = addresses.map(hostPrefix);
  return rules.find(found => found.protocol === protocol && sources.includes(found.src ?? ''))?.table;
}

/** NICs that are attached at the same time choose different tables: each has its own index, which is less than the step. */
function unusedTable(nicIndex: number, used: ReadonlySet<number>): number {
  let table = 8700 + nicIndex;
  while (used.has(table)) table += 100_000;
  return table;
}

function requireOwn(table: number, { nic, routes }: Facts): void {
  const foreign = routes.find(
    found => found.table === table && found.type === 'unicast' && pathsOf(found).every(({ oif }) => oif !== nic.index),
  );
  if (foreign)
    throw new CNIError(Code.TableTaken, `table: ${table} has routes of another NIC, such as ${foreign.dst}`, {
      details: 'without this key each NIC gets a table of its own',
    });
}
