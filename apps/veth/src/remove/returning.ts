// What NICs that veth does not serve get back when its last NIC goes: they gave way to one that `default_route` named.
import { address, type Link, link, type Route, type Rtnetlink } from '@spider/rtnetlink';
import { put } from '../object/request.ts';
import { nicOf } from '../observe/nic.ts';
import { addressFields, linkFields } from '../observe/seen.ts';
import { returned } from '../plan/rehome.ts';
import { executeUnlessGone } from './gone.ts';

/** `routes` are all of the pod's, `nics` those whose tables are left. */
export function returnRoutes(pod: Rtnetlink, nics: readonly Link[], routes: readonly Route[]): void {
  const addresses = pod.execute(address.list({}, addressFields));
  const links = pod.batch(nics.map(({ index }) => link.get({ index }, linkFields)));
  const requests = links.flatMap(found => {
    if (!found) return [];
    const nic = nicOf(found, addresses, routes);
    return returned(nic, nic.routes).map(object => put(object, nic.index));
  });
  executeUnlessGone(pod, requests);
}
