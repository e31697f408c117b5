// Plans the objects from configuration and facts. It does no I/O and uses no clock or randomness, so the same input gives
// the same plan, and printing it is the dry run.
import type { Config } from '../config/config.ts';
import type { Facts } from '../facts.ts';
import { type Attachment, aliasOf, attachmentName, isAlias } from '../names.ts';
import type { DesiredObject } from '../object/object.ts';
import { detachObjects } from './detach.ts';
import { deriveHardwareAddress, hardwareObjects } from './hardware.ts';
import { nodeObjects } from './node.ts';
import { isOnly, obsoleteObjects } from './obsolete.ts';
import { type DesiredPair, pairObjects, pairOf } from './pair.ts';
import { type Path, pathsOf } from './path.ts';
import { podObjects } from './pod.ts';
import { appendIfMissing, rivalRoutes, rivalRules, surplusRoutes } from './rivals.ts';

/** The wanted objects, in the order in which they can be applied. */
export interface Plan {
  /** The NIC's hardware address; undefined if it keeps its own. */
  readonly hardwareAddress: string | undefined;
  /** Undefined if no pair is wanted. */
  readonly pair: DesiredPair | undefined;
  readonly objects: readonly DesiredObject[];
}

/** True if the plan needs nf_tables. */
export function hasRuleset({ objects }: Plan): boolean {
  return objects.some(({ kind }) => kind === 'ruleset');
}

/** Plans the datapath of a pod's NIC. `pod` is the pod's namespace and name, for the alias. */
export function plan(config: Config, facts: Facts, attachment: Attachment, pod?: string): Plan {
  const { nic } = facts;
  const hardwareAddress = config.hardwarePrefix && deriveHardwareAddress(config.hardwarePrefix, nic);
  const paths = pathsOf(config, facts);
  const hardware = hardwareObjects(config, nic, hardwareAddress);
  if (config.onlyHardware)
    return {
      hardwareAddress,
      pair: undefined,
      objects: [...hardware, ...detachObjects(config, facts, attachment)],
    };

  const pair = pairOf(config, facts, attachment);
  const dev = pair.hostName;
  const found = facts.pair?.alias ?? '';
  const alias = isAlias(found) ? found : aliasOf(attachment.containerID, pod);
  const labels: DesiredObject[] = [
    { kind: 'altName', place: 'node', dev, wanted: { name: attachmentName(attachment) } },
    { kind: 'link', place: 'node', dev, wanted: { alias } },
  ];
  const share = !facts.pair || isOnly(facts, attachment) ? 'own' : 'shared';
  const planned = [
    ...pairObjects(facts, pair),
    ...hardware,
    ...podObjects(config, facts, pair, paths, share),
    ...nodeObjects(config, facts, pair),
    ...labels,
  ];
  const isNew = !facts.pair && facts.ours.pod.rules.length === 0;
  return { hardwareAddress, pair, objects: isNew ? planned : reconcile(planned, facts, paths, attachment) };
}

/** Adds what has to be removed: the rivals of our objects, and what earlier ADDs made. */
function reconcile(
  planned: readonly DesiredObject[],
  facts: Facts,
  paths: readonly Path[],
  attachment: Attachment,
): DesiredObject[] {
  const wanted = planned.map(object => appendIfMissing(object, facts));
  // Obsolete objects come last: what replaces them is added before they are removed.
  return [
    ...rivalRoutes(wanted, facts),
    ...wanted,
    ...rivalRules(wanted, facts),
    ...surplusRoutes(wanted, facts),
    ...obsoleteObjects(wanted, facts, paths, attachment),
  ];
}
