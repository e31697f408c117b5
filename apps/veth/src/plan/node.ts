// The objects on the node: a route and a neighbour for each address of the NIC, and sysctls.
import { familyOf, hostPrefix, type IPFamily, mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { protocol } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import type { DesiredObject } from '../object/object.ts';
import type { DesiredPair } from './pair.ts';

const place = 'node';

export function nodeObjects(
  { rpFilter, rpFilterOnNode }: Config,
  { nic, node }: Facts,
  pair: DesiredPair,
): DesiredObject[] {
  const dev = pair.hostName;
  const objects: DesiredObject[] = [];
  if (rpFilter !== undefined) {
    const interfaces = new Set(node.addresses.filter(({ forPod }) => !forPod).map(({ dev }) => dev));
    for (const name of rpFilterOnNode ? ['all', ...interfaces, dev] : [dev])
      objects.push({ kind: 'sysctl', place, key: `net/ipv4/conf/${name}/rp_filter`, value: String(rpFilter) });
  }
  const has = (family: IPFamily) => nic.addresses.some(address => familyOf(address) === family);
  if (has('inet6')) objects.push({ kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/disable_ipv6`, value: '0' });
  if (has('inet') && !node.forwards)
    objects.push({ kind: 'sysctl', place, key: `net/ipv4/conf/${dev}/forwarding`, value: '1' });
  // The node must not accept router advertisements from a pod, even if that has no IPv6 address.
  objects.push({ kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/accept_ra`, value: '0', optional: true });
  for (const address of nic.addresses) {
    objects.push({
      kind: 'neighbour',
      place,
      dev,
      wanted: { dst: address, address: pair.podAddress, state: 'permanent', protocol },
    });
    const prefsrc = node.views.get(address)?.source;
    objects.push({
      kind: 'route',
      place,
      dev,
      wanted: { dst: hostPrefix(address), table: mainTable, protocol, ...(prefsrc && { prefsrc }) },
    });
  }
  return objects;
}
