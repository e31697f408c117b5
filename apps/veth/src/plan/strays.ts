// What of ours is there from an earlier ADD, and this one does not want: a route to a CIDR that left the configuration or to
// an address that the node lost, and whatever was for an address that the NIC lost.
import type { Neighbour, Route, Rule } from '@spider/rtnetlink';
import { lanRulePriority, ownTable, podEnd, replyRulePriority, replyTable } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { familyOf } from '../family.ts';
import { type Attachment, attachmentOf } from '../names.ts';
import { matches } from '../object/match.ts';
import { type DesiredObject, isNetlinkObject, type Kind, type NetlinkObject } from '../object/object.ts';
import { type Owner, ownedBy } from '../ownership.ts';
import { bare } from '../prefix.ts';
import { toRouteInput } from '../route.ts';
import type { Path } from './path.ts';

export function strayObjects(
  planned: readonly DesiredObject[],
  facts: Facts,
  paths: readonly Path[],
  attachment: Attachment,
): NetlinkObject[] {
  const { ours } = facts;
  const replies = familiesOfReplies(planned);
  const { routes, rules } = ownedBy(ownerOf(facts, paths, attachment, replies.size > 0), ours.pod);
  const isLeft = (found: Route | Rule) => isOfReplies(found) && !replies.has(found.family);
  const isOthers = (found: Route | Rule) => isLeft(found) && !isOnly(facts, attachment);
  const isWanted = (kind: Kind, index: number, found: Readonly<Record<string, unknown>>) =>
    planned.some(
      object => isNetlinkObject(object) && object.kind === kind && !object.absent && matches(object, index, found),
    );
  // Where there is no pair, all that stood on it is gone too.
  const { podIndex = 0, hostIndex = 0, hostName = '' } = facts.pair ?? {};
  const isLost = ({ dst }: Route | Neighbour) => hasLost(facts, bare(dst!));
  return [
    ...routes
      .filter(({ oif }) => oif === podIndex)
      .filter(found => !isOthers(found) && !isWanted('route', podIndex, found))
      .map(found => ({ ...strayRoute('pod', podEnd, found), ...(isLeft(found) && { shared: true }) })),
    ...(isOnly(facts, attachment) ? ours.pod.neighbours : [])
      .filter(found => !isWanted('neighbour', podIndex, found))
      .map((found): NetlinkObject => ({ ...strayNeighbour('pod', podEnd, found), shared: true })),
    ...rules
      .filter(found => !isOthers(found) && !isKept(facts, paths, planned, found) && !isWanted('rule', 0, found))
      .map(found => ({ ...strayRule(found), ...(isLeft(found) && { shared: true }) })),
    ...ours.node.routes.filter(isLost).map(found => strayRoute('node', hostName, found)),
    ...ours.node.neighbours.filter(isLost).map(found => strayNeighbour('node', hostName, found)),
    ...ours.attachments
      .filter(name => isNicOf(name, attachment) && !isWanted('altName', hostIndex, { index: hostIndex, name }))
      .map(
        (name): NetlinkObject => ({ kind: 'altName', place: 'node', dev: hostName, wanted: { name }, absent: true }),
      ),
  ];
}

/** The NIC, and those that give way to it, own what they serve, and what served an address that it has lost. */
function ownerOf(facts: Facts, paths: readonly Path[], attachment: Attachment, wantsReplies: boolean): Owner {
  const own = new Set(paths.flatMap(({ nic, family }) => nic.addresses.filter(text => familyOf(text) === family)));
  return {
    ownsAddress: text => text !== undefined && (own.has(text) || hasLost(facts, text)),
    ownsTable: table =>
      table === ownTable(facts.nic.index) || (table === replyTable && (wantsReplies || isOnly(facts, attachment))),
  };
}

/** Those in which the NIC asks for a path for replies, and so knows all of it. */
function familiesOfReplies(planned: readonly DesiredObject[]): ReadonlySet<Rule['family'] | undefined> {
  const rules = planned.flatMap(object => (object.kind === 'rule' && !object.absent ? [object.wanted] : []));
  return new Set(rules.filter(({ priority }) => priority === replyRulePriority).map(({ family }) => family));
}

function isOfReplies({ table, priority }: Route | Rule): boolean {
  return table === replyTable || priority === replyRulePriority;
}

/** An address that nobody has was the NIC's, unless another that the pair serves is missing or has none: it has its own call. */
function hasLost({ nic, others, otherAddresses, ours }: Facts, address: string): boolean {
  const there = new Set([nic, ...others].map(({ name }) => name));
  const isComplete = ours.attachments.every(name => there.has(attachmentOf(name).ifName));
  return isComplete && !otherAddresses.has(address) && !nic.allAddresses.has(address);
}

/** An address that is there for the connections that it has keeps its way; of another NIC, past a LAN that is led to. */
function isKept(facts: Facts, paths: readonly Path[], planned: readonly DesiredObject[], { src, dst }: Rule): boolean {
  const { nic } = facts;
  if (src === undefined || paths.some(path => path.nic.addresses.includes(bare(src)))) return false;
  const rules = planned.flatMap(object => (object.kind === 'rule' ? [object.wanted] : []));
  // One is planned, so this one has more selectors, or does something else.
  if (rules.some(wanted => wanted.src === src && wanted.dst === dst)) return false;
  const leads = (wanted: (typeof rules)[number]) => wanted.priority === lanRulePriority && wanted.dst === dst;
  return nic.allAddresses.has(bare(src)) || (!hasLost(facts, bare(src)) && rules.some(leads));
}

/** True where the pair serves nobody else: what the NICs of a pod share is this one's. */
export function isOnly({ ours }: Facts, attachment: Attachment): boolean {
  return ours.attachments.every(name => isNicOf(name, attachment));
}

/** True where the pair serves the attachment already. */
export function isServed({ ours }: Facts, attachment: Attachment): boolean {
  return ours.attachments.some(name => isNicOf(name, attachment));
}

/** A name of the NIC, of which there is one: whatever its network or its container was called before. */
function isNicOf(name: string, { ifName }: Attachment): boolean {
  return attachmentOf(name).ifName === ifName;
}

export function strayRoute(place: NetlinkObject['place'], dev: string, found: Route): NetlinkObject {
  const { oif, ...wanted } = toRouteInput(found);
  return { kind: 'route', place, dev, wanted, absent: true };
}

export function strayNeighbour(place: NetlinkObject['place'], dev: string, found: Neighbour): NetlinkObject {
  const { dst, address, state, protocol } = found as Required<Neighbour>;
  return { kind: 'neighbour', place, dev, wanted: { dst, address, state, protocol }, absent: true };
}

function strayRule({ flags, ...wanted }: Rule): NetlinkObject {
  return { kind: 'rule', place: 'pod', dev: podEnd, wanted, absent: true };
}
