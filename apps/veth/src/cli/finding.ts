// What is wrong somewhere, and what puts it right.
import { familyOf } from '../family.ts';
import { protocol } from '../identity.ts';
import type { DesiredObject } from '../object/object.ts';
import { extrasOf } from '../object/rule.ts';
import { describe, textOf } from '../object/text.ts';
import { commandAt } from './command-at.ts';

export interface Finding {
  /** Which object, and where: `route 10.96.0.0/16 via … in the pod`. */
  readonly object: string;
  /** What is wrong with it: `missing`. */
  readonly problem: string;
  /** A command for the node that puts it right, where one does. */
  readonly remedy?: string | undefined;
  /** True where it keeps packets from their way; else it is worth knowing. */
  readonly broken: boolean;
}

/** A planned object that is missing or differs. */
export function findingOf(object: DesiredObject, problem: string, netns: string): Finding {
  return { object: describe(object), problem, remedy: remedyFor(object, netns), broken: true };
}

function remedyFor(object: DesiredObject, netns: string): string | undefined {
  const command = commandFor(object);
  return command && commandAt({ netns: object.place === 'node' ? undefined : netns }, command);
}

/** ip(8) or sysctl(8) makes the object be as wanted. */
function commandFor(object: DesiredObject): string | undefined {
  if (object.kind === 'sysctl') return `sysctl --write ${object.key}=${object.value}`;
  // Only another ADD makes a ruleset.
  if (object.kind === 'ruleset') return undefined;
  const { kind, dev, wanted, absent } = object;
  const words = textOf({ ...object, rival: undefined }).slice(`${kind} `.length);
  switch (kind) {
    case 'link':
      return `ip link ${absent ? 'delete' : 'set'} dev ${words}`;
    case 'altName':
      return `ip link property ${absent ? 'del' : 'add'} dev ${dev} altname ${wanted.name}`;
    case 'address':
      // With the last one all routes of the link would go. ADD again does it without.
      return absent ? undefined : `ip address replace ${words}`;
    case 'neighbour':
      return absent
        ? `ip neighbour delete ${wanted.dst} dev ${dev}`
        : `ip neighbour replace ${words} nud permanent protocol ${protocol}`;
    case 'route': {
      if (wanted.nexthops) return undefined;
      const family = familyOf(wanted.dst) === 'inet6' ? '-6 ' : '';
      return `ip ${family}route ${absent ? 'delete' : 'replace'} ${words} protocol ${wanted.protocol ?? 'static'}`;
    }
    case 'rule': {
      if (extrasOf(wanted).length > 0) return undefined;
      const family = (wanted.family ?? familyOf(wanted.src ?? wanted.dst ?? '')) === 'inet6' ? '-6 ' : '';
      return `ip ${family}rule ${absent ? 'delete' : 'add'} ${words} protocol ${wanted.protocol ?? protocol}`;
    }
  }
}
