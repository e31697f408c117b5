// Reads the objects on given devices of one network namespace.
import { type Address, address, link, neighbour, type Rtnetlink, route, rule } from '@spider/rtnetlink';
import type { Actual } from './object.ts';

export const nothing: Actual = { link: [], altName: [], address: [], neighbour: [], route: [], rule: [] };

/** The objects on the devices with these indexes, and all rules. `allRoutes` also reads the routes of all other devices. */
export function readActual(socket: Rtnetlink, indexes: readonly number[], allRoutes = false): Actual {
  const links = socket.batch(indexes.map(index => link.get({ index }))).flatMap(found => found ?? []);
  return {
    link: links,
    altName: links.flatMap(({ index, altNames = [] }) => altNames.map(name => ({ index, name }))),
    address: socket
      .batch(indexes.map(index => address.list({ index })))
      .flat()
      .map(found => ({ ...found, expires: expiryOf(found) })),
    neighbour: socket.batch(indexes.map(index => neighbour.list({ index }))).flat(),
    route: socket.batch(allRoutes ? [route.list()] : indexes.map(oif => route.list({ oif }))).flat(),
    rule: socket.execute(rule.list()),
  };
}

const forever = 0xffff_ffff;

/** Seconds until the address expires; undefined if it does not. */
function expiryOf({ lifetime }: Address): number | undefined {
  return lifetime?.valid === forever ? undefined : lifetime?.valid;
}
