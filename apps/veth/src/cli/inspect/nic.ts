// Inspects one NIC of a pod.
import {
  address,
  hostPrefix,
  ipFamilies,
  type Link,
  link,
  mainTable,
  type Route,
  type Rule,
  withoutLength,
} from '@spider/rtnetlink';
import { isOurs, ownTable } from '../../datapath.ts';
import type { Attachment } from '../../names.ts';
import type { Actual } from '../../object/object.ts';
import { isUsable } from '../../observe/fields.ts';
import type { Sites } from '../../sites.ts';
import type { NicInspection, PathInspection } from './inspection.ts';

/** `inPod` are the routes through the pair, and the rules. */
export function inspectNic({ pod }: Sites, { ifName, network }: Attachment, inPod: Actual): NicInspection {
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
