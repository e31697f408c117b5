import { addressMessage } from './address.ts';
import type { Message } from './codec/message.ts';
import type { Fields } from './codec/schema.ts';
import { altNameMessage } from './link/altname.ts';
import { linkMessage } from './link/link.ts';
import { statisticsMessage } from './link/statistics.ts';
import { neighbourMessage } from './neighbour.ts';
import { nsidMessage } from './nsid.ts';
import { routeMessage } from './route/route.ts';
import { ruleMessage } from './rule.ts';

/** All kinds of objects that are known here. Where two share a message type, the first is the more general. */
export const messages = [
  linkMessage,
  addressMessage,
  routeMessage,
  neighbourMessage,
  ruleMessage,
  nsidMessage,
  altNameMessage,
  statisticsMessage,
] as unknown as readonly Message<Fields>[];
