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

/** All kinds of objects that are known here. Of those that share message types, that of one family comes first. */
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

/** The kind of object that a message of this type is about, whose header begins with this family. */
export function messageOf(type: number, family: number): Message<Fields> | undefined {
  return messages.find(
    ({ types, family: only }) => Object.values(types).includes(type) && (only === undefined || only === family),
  );
}
