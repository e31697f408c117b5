// From configuration and facts to what shall be there. No I/O, no clock, no randomness: the same input gives the same
// plan, and printing it is the dry run.
import type { Config } from '../config/config.ts';
import type { Facts } from '../facts.ts';
import { type Attachment, aliasOf, attachmentName, isAlias } from '../names.ts';
import type { DesiredObject } from '../object/object.ts';
import { deriveHardwareAddress, hardwareObjects } from './hardware.ts';
import { nodeObjects } from './node.ts';
import { type DesiredPair, pairObjects, pairOf } from './pair.ts';
import { type Path, pathsOf } from './path.ts';
import { podObjects } from './pod.ts';
import { asMissing, rivalRoutes, rivalRules, surplusRoutes } from './rivals.ts';
import { isOnly, strayObjects } from './strays.ts';
import { withdrawalObjects } from './withdraw.ts';

/** What shall be there, in the order in which it can be put. */
export interface Plan {
  /** The hardware address that the NIC shall have; undefined where it keeps its own. */
  readonly hardwareAddress: string | undefined;
  /** Undefined where none is wanted. */
  readonly pair: DesiredPair | undefined;
  readonly objects: readonly DesiredObject[];
}

/** True where nf_tables have to be spoken with. */
export function hasRuleset({ objects }: Plan): boolean {
  return objects.some(({ kind }) => kind === 'ruleset');
}

/** Plans the datapath of a pod's NIC. `pod` is the pod's namespace and name, for operators. */
export function plan(config: Config, facts: Facts, attachment: Attachment, pod?: string): Plan {
  const { nic } = facts;
  const hardwareAddress = config.hardwarePrefix && deriveHardwareAddress(config.hardwarePrefix, nic);
  const paths = pathsOf(config, facts);
  const hardware = hardwareObjects(config, nic, hardwareAddress);
  if (config.onlyHardware)
    return {
      hardwareAddress,
      pair: undefined,
      objects: [...hardware, ...withdrawalObjects(config, facts, attachment)],
    };

  const pair = pairOf(config, facts, attachment);
  const dev = pair.hostName;
  const found = facts.pair?.alias ?? '';
  const alias = isAlias(found) ? found : aliasOf(attachment.containerID, pod);
  const marks: DesiredObject[] = [
    { kind: 'altName', place: 'node', dev, wanted: { name: attachmentName(attachment) } },
    { kind: 'link', place: 'node', dev, wanted: { alias } },
  ];
  const share = !facts.pair || isOnly(facts, attachment) ? 'own' : 'shared';
  const made = [
    ...pairObjects(facts, pair),
    ...hardware,
    ...podObjects(config, facts, pair, paths, share),
    ...nodeObjects(config, facts, pair),
    ...marks,
  ];
  const isNew = !facts.pair && facts.ours.pod.rules.length === 0;
  return { hardwareAddress, pair, objects: isNew ? made : amongWhatStands(made, facts, paths, attachment) };
}

function amongWhatStands(
  made: readonly DesiredObject[],
  facts: Facts,
  paths: readonly Path[],
  attachment: Attachment,
): DesiredObject[] {
  const wanted = made.map(object => asMissing(object, facts));
  // Strays behind all that is wanted: what takes their place is there before they go.
  return [
    ...rivalRoutes(wanted, facts),
    ...wanted,
    ...rivalRules(wanted, facts),
    ...surplusRoutes(wanted, facts),
    ...strayObjects(wanted, facts, paths, attachment),
  ];
}
