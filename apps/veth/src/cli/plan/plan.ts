// What ADD would do.
import { link } from '@spider/rtnetlink';
import { compare } from '../../check/compare.ts';
import type { Config } from '../../config/config.ts';
import { podEnd } from '../../datapath.ts';
import type { Facts } from '../../facts.ts';
import { type Attachment, attachmentNames, attachmentOf } from '../../names.ts';
import type { DesiredObject } from '../../object/object.ts';
import { describe } from '../../object/text.ts';
import { observe } from '../../observe/observe.ts';
import { hasRuleset, type Plan, plan } from '../../plan/plan.ts';
import { Sites } from '../../sites.ts';
import { asAdd } from '../as-add.ts';
import { configurationIn } from '../configuration.ts';
import { openPod } from '../pod-namespace.ts';

/** The container ID, or the name of the network, if the caller does not give it. */
const unknown = 'unknown';

/** What ADD would do with one object. */
export type Action = 'make' | 'change' | 'remove' | 'keep';

export interface PlannedObject {
  readonly action: Action;
  /** The object as ip(8) would write it, and its namespace. */
  readonly text: string;
  /** For `change`: how the kernel's object differs. */
  readonly difference?: string;
  readonly object: DesiredObject;
}

export interface Planned {
  readonly netns: string;
  readonly ifName: string;
  /** The NIC's addresses. */
  readonly addresses: readonly string[];
  /** The pair exists already. */
  readonly hasPair: boolean;
  readonly pair: Plan['pair'];
  /** For the operator: what is odd about the configuration. */
  readonly warnings: readonly string[];
  readonly objects: readonly PlannedObject[];
}

interface Target {
  readonly netns: string;
  readonly ifName: string;
  readonly containerID: string | undefined;
}

/** @throws Error with the error that ADD would return */
export async function planFor(stdin: string, { netns, ifName, containerID = unknown }: Target): Promise<Planned> {
  openPod(netns).close();
  const conf = { name: unknown, ...configurationIn(stdin) };
  try {
    return await asAdd({ netns, ifName, containerID, conf }, ({ conf, containerID, ifName, netns }) =>
      planOf(conf, { containerID, ifName, network: conf.name }, netns),
    );
  } catch (error) {
    throw new Error(`ADD would be refused: ${(error as Error).message}`);
  }
}

async function planOf(conf: Config, given: Attachment, netns: string): Promise<Planned> {
  const { ifName } = given;
  const base = { netns, ifName, warnings: conf.warnings };
  if (conf.skip) return { ...base, addresses: [], hasPair: false, pair: undefined, objects: [] };
  if (ifName === podEnd) throw new Error(`${podEnd} is the plugin's own interface; name the one that it serves`);
  using sites = new Sites(netns);
  const attachment = knownAttachment(sites, given) ?? given;
  const facts = observe(sites, attachment.containerID, ifName);
  const planned = plan(conf, facts, attachment);
  if (hasRuleset(planned)) await sites.openNftables();
  const isExample = attachment.containerID === unknown && planned.pair && !facts.pair;
  const hint = 'the host end’s name and the hardware addresses are examples: those of a container tells --container-id';
  return {
    ...base,
    warnings: isExample ? [...conf.warnings, hint] : conf.warnings,
    addresses: facts.nic.addresses,
    hasPair: facts.pair !== undefined,
    pair: planned.pair,
    objects: plannedObjects(planned, facts, sites),
  };
}

/** Without a container ID from the caller, the attachment's is read from the names of an existing pair. */
function knownAttachment({ pod, node }: Sites, { containerID, ifName }: Attachment): Attachment | undefined {
  const end = containerID === unknown ? pod.rtnetlink.execute(link.get({ name: podEnd })) : undefined;
  const host = end && node.rtnetlink.execute(link.get({ index: end.link }));
  const known = attachmentNames(host ?? {}).map(attachmentOf);
  return known.find(attachment => attachment.ifName === ifName) ?? (known[0] && { ...known[0], ifName });
}

/** The planned objects, each with what ADD would do with it. */
export function plannedObjects(planned: Plan, facts: Facts, sites: Sites): PlannedObject[] {
  return compare(planned, facts, sites).map(({ object, difference }) => {
    const absent = object.kind !== 'sysctl' && object.absent === true;
    const action = difference === undefined ? 'keep' : absent ? 'remove' : difference === 'missing' ? 'make' : 'change';
    return { action, text: describe(object), ...(action === 'change' && { difference: difference! }), object };
  });
}
