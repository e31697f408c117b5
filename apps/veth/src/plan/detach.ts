// Removes what an earlier ADD made for a NIC that now has `only_hardware`, and the pair if no other NIC uses it.
import { mainTable, type Neighbour, type Route, withoutLength } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import type { Facts } from '../facts.ts';
import type { Attachment } from '../names.ts';
import type { DesiredObject, NetlinkObject } from '../object/object.ts';
import { primaryObjects, toldRoutes } from './main-table.ts';
import { absentNeighbour, absentRoute, isOnly, isServed, obsoleteObjects } from './obsolete.ts';
import { pathsOf } from './path.ts';
import { replyObjects } from './reply.ts';

export function detachObjects(config: Config, facts: Facts, attachment: Attachment): DesiredObject[] {
  const { nic, pair } = facts;
  const only = isOnly(facts, attachment);
  if (!pair || !(only || isServed(facts, attachment))) return [];
  // Its own routes move back to main, as a primary NIC's.
  const paths = pathsOf({ ...config, defaultRoute: undefined }, facts)
    .filter(path => path.nic === nic)
    .map(path => ({ ...path, table: mainTable }));
  const kept = paths.flatMap(path => [...primaryObjects(facts, path, paths), ...toldRoutes(facts, path, paths, [])]);
  const obsolete = obsoleteObjects(kept, facts, paths, attachment);
  return [
    ...kept,
    ...replyObjects(undefined, facts, [], only ? 'own' : 'shared'),
    ...(only
      ? [...obsolete.filter(({ place }) => place === 'pod'), withoutPair(pair.hostName)]
      : [...obsolete, ...onNode(facts, pair.hostName)]),
  ];
}

/** Deletes the pair, and with it everything on the node. Nothing restores it, so no other step on the node may fail. */
function withoutPair(dev: string): NetlinkObject {
  return { kind: 'link', place: 'node', dev, wanted: {}, absent: true };
}

function onNode({ nic, ours }: Facts, dev: string): NetlinkObject[] {
  const isOwn = ({ dst }: Route | Neighbour) => nic.allAddresses.has(withoutLength(dst!));
  return [
    ...ours.node.routes.filter(isOwn).map(found => absentRoute('node', dev, found)),
    ...ours.node.neighbours.filter(isOwn).map(found => absentNeighbour('node', dev, found)),
  ];
}
