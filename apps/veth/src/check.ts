// Compares what stands with what ADD would make now, object by object.
import { CNIError, type Result } from '@spider/cni-skel';
import { Code } from './errors.ts';
import { type Facts, familyOf } from './facts.ts';
import { describe, differences, find, type NetlinkObject, places, type Sysctl } from './object.ts';
import type { Plan } from './plan/plan.ts';
import { readActual } from './read.ts';
import type { Sites } from './sites.ts';

/** @throws CNIError that names every object that is missing or differs. */
export function check(plan: Plan, facts: Facts, sites: Sites, prevResult: Result): void {
  const found = [
    ...missingAddresses(facts, prevResult),
    ...missingRoutes(facts, prevResult),
    ...compare(plan, facts, sites),
  ];
  if (found.length > 0) throw new CNIError(Code.Differs, found.join('; '));
}

/** Addresses that the chain gave the NIC and that it has no more. */
function missingAddresses({ nic }: Facts, { interfaces = [], ips = [] }: Result): string[] {
  return ips.flatMap(({ address, interface: index }) => {
    const owner = index === undefined ? undefined : interfaces[index];
    const ours = owner?.name === nic.name && owner.sandbox;
    const bare = address.slice(0, address.indexOf('/'));
    return ours && !nic.addresses.includes(bare) ? [`address ${address} dev ${nic.name} in the pod: missing`] : [];
  });
}

/** Routes that the chain gave a NIC, and that went neither to its own table with it nor stayed in main. */
function missingRoutes({ nic }: Facts, { routes = [] }: Result): string[] {
  return routes
    .filter(({ dst }) => nic.ownTables.has(familyOf(dst)))
    .filter(({ dst }) => !nic.routes.some(({ route }) => route.dst === dst))
    .map(({ dst, gw }) => `route ${dst}${gw ? ` via ${gw}` : ''} dev ${nic.name} in the pod: missing`);
}

function compare({ pair: wanted, objects }: Plan, { nic, others, pair }: Facts, sites: Sites): string[] {
  // Without its pair nothing else can be there.
  if (wanted && !pair) return [`link ${wanted.podName} in the pod and its peer on the node: missing`];
  const nics = [nic, ...others];
  const devices = new Map(nics.map(({ name, index }) => [name, index]));
  if (wanted && pair) devices.set(wanted.podName, pair.podIndex).set(wanted.hostName, pair.hostIndex);
  return places.flatMap(place => {
    const pairIndex = place === 'pod' ? pair?.podIndex : pair?.hostIndex;
    const indexes = [...(place === 'pod' ? nics.map(({ index }) => index) : []), ...(pairIndex ? [pairIndex] : [])];
    const actual = readActual(sites[place].rtnetlink, indexes);
    return objects
      .filter(object => object.place === place)
      .flatMap(object => {
        const difference =
          object.kind === 'sysctl'
            ? compareSysctl(object, sites)
            : compareObject(object, devices.get(object.dev)!, actual);
        return difference ? [`${describe(object)}: ${difference}`] : [];
      });
  });
}

function compareObject(
  object: NetlinkObject,
  index: number,
  actual: ReturnType<typeof readActual>,
): string | undefined {
  const found = find(object, index, actual);
  if (object.absent) return found && 'is there again';
  return found ? differences(object, found).join(', ') : 'missing';
}

function compareSysctl({ place, key, value }: Sysctl, sites: Sites): string | undefined {
  const actual = sites[place].namespace.readSysctl(key);
  return actual === value ? undefined : `is ${actual}`;
}
