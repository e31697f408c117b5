// Obsolete objects: what earlier ADDs made and this one does not want. For example a route to a CIDR that was removed from
// the configuration, or to an address that the node has lost, and everything for an address that the NIC has lost.
import { familyOf, type Neighbour, type Route, type Rule, withoutLength } from '@spider/rtnetlink';
import { lanExceptionPriority, lanRulePriority, ownTable, podEnd, replyRulePriority, replyTable } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { type Attachment, attachmentOf } from '../names.ts';
import { matches } from '../object/match.ts';
import { type DesiredObject, isNetlinkObject, type Kind, type NetlinkObject } from '../object/object.ts';
import { type Owner, ownedBy } from '../ownership.ts';
import { toRouteInput } from '../route.ts';
import type { Path } from './path.ts';

export function obsoleteObjects(
  planned: readonly DesiredObject[],
  facts: Facts,
  paths: readonly Path[],
  attachment: Attachment,
): NetlinkObject[] {
  const { ours } = facts;
  const replies = familiesOfReplies(planned);
  const { routes, rules } = ownedBy(ownerOf(facts, paths, attachment, replies.size > 0), ours.pod);
  const isUnplannedReply = (found: Route | Rule) => isOfReplies(found) && !replies.has(found.family);
  const isOfOthers = (found: Route | Rule) => isUnplannedReply(found) && !isOnly(facts, attachment);
  const wanted = planned
    .filter(isNetlinkObject)
    // A NIC's own route may take the place of ours.
    .filter(({ kind, dev, absent }) => !absent && (kind !== 'route' || dev === podEnd));
  const isWanted = (kind: Kind, index: number, found: Readonly<Record<string, unknown>>) =>
    wanted.some(object => object.kind === kind && matches(object, index, found));
  // Without a pair, nothing that was on it exists.
  const { podIndex = 0, hostIndex = 0, hostName = '' } = facts.pair ?? {};
  const isLost = ({ dst }: Route | Neighbour) => hasLost(facts, withoutLength(dst!));
  return [
    ...routes
      .filter(({ oif }) => oif === podIndex)
      .filter(found => !isOfOthers(found) && !isWanted('route', podIndex, found))
      .map(found => ({ ...absentRoute('pod', podEnd, found), ...(isUnplannedReply(found) && { shared: true }) })),
    ...(isOnly(facts, attachment) ? ours.pod.neighbours : [])
      .filter(found => !isWanted('neighbour', podIndex, found))
      .map((found): NetlinkObject => ({ ...absentNeighbour('pod', podEnd, found), shared: true })),
    ...rules
      .filter(found => !isOfOthers(found) && !isKept(facts, paths, planned, found) && !isWanted('rule', 0, found))
      .map(found => ({
        ...absentRule(found),
        ...((isUnplannedReply(found) || isForOthers(found)) && { shared: true }),
      })),
    ...ours.node.routes.filter(isLost).map(found => absentRoute('node', hostName, found)),
    ...ours.node.neighbours.filter(isLost).map(found => absentNeighbour('node', hostName, found)),
    ...ours.attachments
      .filter(name => isNicOf(name, attachment) && !isWanted('altName', hostIndex, { index: hostIndex, name }))
      .map(
        (name): NetlinkObject => ({ kind: 'altName', place: 'node', dev: hostName, wanted: { name }, absent: true }),
      ),
  ];
}

/** The NIC, and those that leave main for it, own the objects of their addresses and of lost ones. */
function ownerOf(facts: Facts, paths: readonly Path[], attachment: Attachment, wantsReplies: boolean): Owner {
  const own = new Set(paths.flatMap(({ nic, family }) => nic.addresses.filter(text => familyOf(text) === family)));
  return {
    ownsAddress: text => text !== undefined && (own.has(text) || hasLost(facts, text)),
    ownsTable: table =>
      table === ownTable(facts.nic.index) || (table === replyTable && (wantsReplies || isOnly(facts, attachment))),
  };
}

/** The families in which this ADD plans a reply path, so that all of it is known. */
function familiesOfReplies(planned: readonly DesiredObject[]): ReadonlySet<Rule['family'] | undefined> {
  const rules = planned.flatMap(object => (object.kind === 'rule' && !object.absent ? [object.wanted] : []));
  return new Set(rules.filter(({ priority }) => priority === replyRulePriority).map(({ family }) => family));
}

function isOfReplies({ table, priority }: Route | Rule): boolean {
  return table === replyTable || priority === replyRulePriority;
}

/** True for the rule by which LANs of primary NICs within that of the NIC stay in main, even if those NICs are gone. */
function isForOthers({ priority, src }: Rule): boolean {
  return priority === lanExceptionPriority && src === undefined;
}

/**
 * True if the NIC has lost the address. An address that no link has was the NIC's, unless another NIC of the pair is
 * missing or has no address: then it may be that one's, whose own call will remove it.
 */
function hasLost({ nic, others, otherAddresses, ours }: Facts, address: string): boolean {
  const there = new Set([nic, ...others].map(({ name }) => name));
  const isComplete = ours.attachments.every(name => there.has(attachmentOf(name).ifName));
  return isComplete && !otherAddresses.has(address) && !nic.allAddresses.has(address);
}

/** True for the rules of an address that only existing connections use, and for another NIC's exceptions for a LAN. */
function isKept(facts: Facts, paths: readonly Path[], planned: readonly DesiredObject[], { src, dst }: Rule): boolean {
  const { nic } = facts;
  if (src === undefined || paths.some(path => path.nic.addresses.includes(withoutLength(src)))) return false;
  const rules = planned.flatMap(object => (object.kind === 'rule' ? [object.wanted] : []));
  // The same rule is planned, so this one has further selectors or another action.
  if (rules.some(wanted => wanted.src === src && wanted.dst === dst)) return false;
  const leads = (wanted: (typeof rules)[number]) => wanted.priority === lanRulePriority && wanted.dst === dst;
  return nic.allAddresses.has(withoutLength(src)) || (!hasLost(facts, withoutLength(src)) && rules.some(leads));
}

/** True if the NIC is the only one of the pair, so that it owns what NICs otherwise share. */
export function isOnly({ ours }: Facts, attachment: Attachment): boolean {
  return ours.attachments.every(name => isNicOf(name, attachment));
}

/** True if an earlier ADD has attached the NIC. */
export function isServed({ ours }: Facts, attachment: Attachment): boolean {
  return ours.attachments.some(name => isNicOf(name, attachment));
}

/** True for an attachment's name of this NIC. Network and container ID may have changed since. */
function isNicOf(name: string, { ifName }: Attachment): boolean {
  return attachmentOf(name).ifName === ifName;
}

export function absentRoute(place: NetlinkObject['place'], dev: string, found: Route): NetlinkObject {
  const { oif, ...wanted } = toRouteInput(found);
  return { kind: 'route', place, dev, wanted, absent: true };
}

export function absentNeighbour(place: NetlinkObject['place'], dev: string, found: Neighbour): NetlinkObject {
  const { dst, address, state, protocol } = found as Required<Neighbour>;
  return { kind: 'neighbour', place, dev, wanted: { dst, address, state, protocol }, absent: true };
}

function absentRule({ flags, ...wanted }: Rule): NetlinkObject {
  return { kind: 'rule', place: 'pod', dev: podEnd, wanted, absent: true };
}
