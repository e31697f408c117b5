// What the pod gets: the near end of the pair, and routes through it.
import { mainTable } from '@spider/rtnetlink';
import type { Config } from '../config/config.ts';
import { type Facts, type Family, familyOf } from '../facts.ts';
import { gateways, podEnd, podEndAddress, protocol } from '../identity.ts';
import type { DesiredObject } from '../object.ts';
import type { Path } from './path.ts';
import type { DesiredPair } from './plan.ts';
import { hostPrefix } from './prefix.ts';
import { rehomeObjects } from './rehome.ts';

const place = 'pod';
const dev = podEnd;

export function podObjects(
  { rpFilter, cidrs }: Config,
  { nic, node }: Facts,
  pair: DesiredPair,
  paths: readonly Path[],
): DesiredObject[] {
  const has = (family: Family): boolean => paths.some(path => path.family === family);
  const objects: DesiredObject[] = [];
  if (rpFilter !== undefined) {
    // The kernel takes the larger of the interface's value and that of "all".
    for (const name of ['all', nic.name, dev])
      objects.push({ kind: 'sysctl', place, key: `net/ipv4/conf/${name}/rp_filter`, value: String(rpFilter) });
  }
  if (has('inet6')) objects.push({ kind: 'sysctl', place, key: `net/ipv6/conf/${dev}/disable_ipv6`, value: '0' });

  objects.push({ kind: 'link', place, dev, wanted: { up: true } });
  // Without an address of its own, netfilter's REDIRECT drops what comes in through the pair.
  if (has('inet')) objects.push({ kind: 'address', place, dev, wanted: { address: podEndAddress, scope: 'link' } });

  const destinations = new Set([...node.addresses.map(hostPrefix), ...cidrs.map(String)]);
  for (const { family, source, table } of paths) {
    const gateway = gateways[family];
    const onlink = family === 'inet';
    objects.push({
      kind: 'neighbour',
      place,
      dev,
      wanted: { dst: gateway, address: pair.hostAddress, state: 'permanent', protocol },
    });
    for (const dst of destinations)
      if (familyOf(dst) === family)
        objects.push({ kind: 'route', place, dev, wanted: { dst, gateway, onlink, prefsrc: source, table, protocol } });
    if (table !== mainTable) objects.push(...rehomeObjects(nic, family, table));
  }
  return objects;
}
