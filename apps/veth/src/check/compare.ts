// Compares the kernel's objects with the planned ones.
import { link, type Rtnetlink } from '@spider/rtnetlink';
import { podEnd } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { differences, matches } from '../object/match.ts';
import { type Actual, type DesiredObject, type NetlinkObject, places, type Sysctl } from '../object/object.ts';
import { readActual } from '../object/read.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sites } from '../sites.ts';
import { readSysctl } from '../sysctl.ts';

/** A planned object, and how the kernel's differs. */
export interface Comparison {
  readonly object: DesiredObject;
  /** `missing`, `gateway is 10.0.0.1`; undefined if it is as planned. */
  readonly difference: string | undefined;
}

/** Compares all planned objects: first the pod's, then the node's, each in the plan's order. */
export function compare({ objects }: Plan, facts: Facts, sites: Sites): Comparison[] {
  const { nic, others, pair } = facts;
  const nics = [nic, ...others];
  const devices = new Map(nics.map(({ name, index }) => [name, index]));
  if (pair) devices.set(podEnd, pair.podIndex).set(pair.hostName, pair.hostIndex);
  return places.flatMap(place => {
    const pairIndex = place === 'pod' ? pair?.podIndex : pair?.hostIndex;
    const indexes = [...(place === 'pod' ? nics.map(({ index }) => index) : []), ...(pairIndex ? [pairIndex] : [])];
    const actual = readActual(sites[place].rtnetlink, indexes);
    return objects
      .filter(object => object.place === place && !('temporary' in object))
      .map(object => ({ object: withDeviceName(object, sites[place].rtnetlink), difference: compareOne(object) }));

    function compareOne(object: DesiredObject): string | undefined {
      if (object.kind === 'sysctl') return compareSysctl(object, sites);
      if (object.kind === 'ruleset') return sites[place].nftables!.differences(object).join(', ') || undefined;
      return compareObject(object, devices.get(object.dev), actual);
    }
  });
}

/** A rival may be on a device that the facts do not know. This adds the name of that. */
function withDeviceName(object: DesiredObject, rtnetlink: Rtnetlink): DesiredObject {
  if (object.kind !== 'route' || !object.rival || object.wanted.oif === undefined) return object;
  const found = rtnetlink.execute(link.get({ index: object.wanted.oif }, ['name']));
  return found?.name ? { ...object, dev: found.name } : object;
}

function compareObject(object: NetlinkObject, index: number | undefined, actual: Actual): string | undefined {
  if (object.rival) return 'is in the place of ours';
  // Without its device, the object cannot exist.
  const found = index === undefined ? [] : actual[object.kind].filter(candidate => matches(object, index, candidate));
  const [first] = found;
  if (object.absent) return first && 'is there';
  if (!first) return 'missing';
  return found.some(candidate => differences(object, candidate).length === 0)
    ? undefined
    : differences(object, first).join(', ');
}

function compareSysctl({ place, key, value, optional }: Sysctl, sites: Sites): string | undefined {
  const actual = readSysctl(sites[place].namespace, key);
  if (actual === undefined) return optional ? undefined : 'missing';
  return actual === value ? undefined : `is ${actual}`;
}
