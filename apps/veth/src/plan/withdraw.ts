// A NIC that is to have its hardware address and nothing else: what an earlier ADD made for it goes, and the pair where it
// serves nobody else.
import { mainTable, type Neighbour, type Route } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import type { Facts } from '../facts.ts';
import type { Attachment } from '../names.ts';
import type { DesiredObject, NetlinkObject } from '../object/object.ts';
import { bare } from '../prefix.ts';
import { pathsOf } from './path.ts';
import { primaryObjects } from './rehome.ts';
import { replyObjects } from './reply.ts';
import { isOnly, isServed, strayNeighbour, strayObjects, strayRoute } from './strays.ts';

export function withdrawalObjects(config: Config, facts: Facts, attachment: Attachment): DesiredObject[] {
  const { nic, pair } = facts;
  const only = isOnly(facts, attachment);
  if (!pair || !(only || isServed(facts, attachment))) return [];
  // Its own routes are in main again, as those of a primary NIC.
  const paths = pathsOf({ ...config, defaultRoute: undefined }, facts)
    .filter(path => path.nic === nic)
    .map(path => ({ ...path, table: mainTable }));
  const kept = paths.flatMap(path => primaryObjects(facts, path));
  const strays = strayObjects(kept, facts, paths, attachment);
  return [
    ...kept,
    ...replyObjects(undefined, facts, [], only ? 'own' : 'shared'),
    ...(only
      ? [...strays.filter(({ place }) => place === 'pod'), withoutPair(pair.hostName)]
      : [...strays, ...onNode(facts, pair.hostName)]),
  ];
}

/** All that is on the node goes with it. Nothing brings it back, so beside it there is nothing there that may fail. */
function withoutPair(dev: string): NetlinkObject {
  return { kind: 'link', place: 'node', dev, wanted: {}, absent: true };
}

function onNode({ nic, ours }: Facts, dev: string): NetlinkObject[] {
  const isOwn = ({ dst }: Route | Neighbour) => nic.allAddresses.has(bare(dst!));
  return [
    ...ours.node.routes.filter(isOwn).map(found => strayRoute('node', dev, found)),
    ...ours.node.neighbours.filter(isOwn).map(found => strayNeighbour('node', dev, found)),
  ];
}
