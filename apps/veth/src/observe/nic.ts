// The facts about the NICs of a pod.
import { addressFlags, type IPFamily, ipFamilies, mainTable, type Route } from '@spider/rtnetlink';
import { isOurs, ownTable } from '../datapath.ts';
import type { Nic } from '../facts.ts';
import { addressOf, isUsable, type ObservedAddress, type ObservedLink } from './fields.ts';
import { nicRoutesOf } from './nic-route.ts';

/** The indexes of links with usable addresses, except the given ones. */
export function otherIndexes(addresses: readonly ObservedAddress[], except: readonly (number | undefined)[]): number[] {
  const indexes = addresses.filter(isUsable).map(({ index }) => index);
  return [...new Set(indexes)].filter(index => !except.includes(index));
}

export function nicOf(
  { name, index, mtu, address, txqueuelen, info }: ObservedLink,
  addresses: readonly ObservedAddress[],
  routes: readonly Route[],
): Nic {
  const all = addresses.filter(candidate => candidate.index === index);
  const own = all.filter(isUsable).map(addressOf);
  const isServing = ({ prefsrc, ...found }: Route) => isOurs(found) && own.includes(prefsrc ?? '');
  const familiesOf = (matches: (route: Route) => boolean): Set<IPFamily> =>
    new Set(ipFamilies.filter(family => routes.some(found => found.family === family && matches(found))));
  return {
    name: name!,
    kind: info?.kind,
    index,
    mtu: mtu!,
    address: address!,
    txqueuelen: txqueuelen!,
    addresses: own,
    allAddresses: new Set(all.map(addressOf)),
    lans: all.filter(({ flags }) => (flags & addressFlags.noprefixroute) === 0).map(({ address }) => address!),
    routes: nicRoutesOf(index, routes),
    ownTables: familiesOf(({ table }) => table === ownTable(index)),
    served: familiesOf(isServing),
    primary: familiesOf(found => isServing(found) && found.table === mainTable && found.priority !== ownTable(index)),
  };
}
