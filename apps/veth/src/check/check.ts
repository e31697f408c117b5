// CHECK: everything that the chain and ADD made must exist.
import { CNIError, type Result } from '@spider/cni-skel';
import { withoutLength } from '@spider/rtnetlink';
import { Code } from '../errors.ts';
import type { Facts } from '../facts.ts';
import type { DesiredObject } from '../object/object.ts';
import { describe } from '../object/text.ts';
import type { Plan } from '../plan/plan.ts';
import type { Sites } from '../sites.ts';
import { compare } from './compare.ts';

/** @throws CNIError that names every object that is missing or differs */
export function check(plan: Plan, facts: Facts, sites: Sites, prevResult: Result): void {
  const found = [...missingAddresses(facts, prevResult), ...differencesFrom(plan, facts, sites)];
  if (found.length > 0) throw new CNIError(Code.Differs, found.join('; '));
}

/** Addresses that the chain gave the NIC and that it has lost. */
function missingAddresses({ nic }: Facts, { interfaces = [], ips = [] }: Result): string[] {
  return ips.flatMap(({ address, interface: index }) => {
    const owner = index === undefined ? undefined : interfaces[index];
    const ours = owner?.name === nic.name && owner.sandbox;
    return ours && !nic.addresses.includes(withoutLength(address))
      ? [`address ${address} dev ${nic.name} in the pod: missing`]
      : [];
  });
}

function differencesFrom(plan: Plan, facts: Facts, sites: Sites): string[] {
  // Without the pair, nothing else can exist.
  if (plan.pair && !facts.pair) return [`link ${plan.pair.podName} in the pod and its peer on the node: missing`];
  return compare(plan, facts, sites).flatMap(({ object, difference }) =>
    difference && !mayRemain(object) ? [`${describe(object)}: ${difference}`] : [],
  );
}

/** True for what concerns other NICs too: it stays until an ADD or the last DEL, even if the NIC that needed it is gone. */
export function mayRemain(object: DesiredObject): boolean {
  return object.kind === 'ruleset' ? object.absent === true : object.shared === true;
}
