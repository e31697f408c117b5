import { addressMessage } from './address.ts';
import { bridgeVlanMessage } from './bridge-vlan.ts';
import type { Message } from './codec/message.ts';
import type { Fields } from './codec/schema.ts';
import { fdbMessage } from './fdb.ts';
import { altNameMessage } from './link/altname.ts';
import { linkMessage } from './link/link.ts';
import { statisticsMessage } from './link/statistics.ts';
import { mdbMessage } from './mdb.ts';
import { neighbourMessage } from './neighbour.ts';
import { netconfMessage } from './netconf.ts';
import { nexthopBucketMessage, nexthopMessage } from './nexthop.ts';
import { nsidMessage } from './nsid.ts';
import { routeMessage } from './route/route.ts';
import { ruleMessage } from './rule.ts';

/**
 * All kinds of objects that this package knows. Of kinds with equal message types, the one with a fixed family comes
 * first.
 */
export const messages = [
  fdbMessage,
  linkMessage,
  addressMessage,
  routeMessage,
  neighbourMessage,
  ruleMessage,
  nsidMessage,
  altNameMessage,
  statisticsMessage,
  nexthopMessage,
  nexthopBucketMessage,
  netconfMessage,
  bridgeVlanMessage,
  mdbMessage,
] as unknown as readonly Message<Fields>[];

/** The kind of object of a message with this type, whose header begins with this address family; undefined if unknown. */
export function messageOf(type: number, family: number): Message<Fields> | undefined {
  return messages.find(
    ({ types, family: only }) => Object.values(types).includes(type) && (only === undefined || only === family),
  );
}
