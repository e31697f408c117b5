// When the last NIC of veth goes, NICs that veth does not serve get their routes in main back: they had to leave main for a
// NIC that `default_route` named.
import { address, link, type Route, type Rtnetlink, type Rule } from '@spider/rtnetlink';
import { ownTable } from '../datapath.ts';
import { ensure } from '../object/request.ts';
import { addressFields, linkFields } from '../observe/fields.ts';
import { nicOf } from '../observe/nic.ts';
import { returnedToMain } from '../plan/main-table.ts';
import { executeIgnoringNotFound } from './not-found.ts';

/** `rules` are those that lead to these NICs' tables, `routes` all routes of the pod. */
export function returnRoutes(pod: Rtnetlink, rules: readonly Rule[], routes: readonly Route[]): void {
  const addresses = pod.execute(address.list({}, addressFields));
  const requests = pod
    .execute(link.list({}, linkFields))
    .filter(({ index }) => rules.some(({ table }) => table === ownTable(index)))
    .map(found => nicOf(found, addresses, routes))
    .flatMap(nic => returnedToMain(nic, nic.routes).map(object => ensure(object, nic.index)));
  executeIgnoringNotFound(pod, requests);
}
