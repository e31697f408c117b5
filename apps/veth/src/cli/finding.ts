// A problem, and the command that solves it.

import { familyOf } from '@spider/rtnetlink';
import { mayRemain } from '../check/check.ts';
import { protocol } from '../datapath.ts';
import type { DesiredObject } from '../object/object.ts';
import { extrasOf } from '../object/rule.ts';
import { describe, textOf } from '../object/text.ts';
import { commandAt } from './command-at.ts';

export interface Finding {
  /** The object and its namespace: `route 10.96.0.0/16 via … in the pod`. */
  readonly object: string;
  /** What is wrong with it: `missing`. */
  readonly problem: string;
  /** A command for the node that solves it, if there is one. */
  readonly remedy?: string | undefined;
  /** True if it stops packets. Otherwise the finding is only worth knowing. */
  readonly broken: boolean;
}

/** The finding that a planned object is missing or differs. One that concerns another NIC breaks nothing, as for CHECK. */
export function findingOf(object: DesiredObject, problem: string, netns: string): Finding {
  return { object: describe(object), problem, remedy: remedyFor(object, netns), broken: !mayRemain(object) };
}

function remedyFor(object: DesiredObject, netns: string): string | undefined {
  const command = commandFor(object);
  return command && commandAt({ netns: object.place === 'node' ? undefined : netns }, command);
}

/** The ip(8) or sysctl(8) command that brings the object into its planned state. */
function commandFor(object: DesiredObject): string | undefined {
  if (object.kind === 'sysctl') return `sysctl --write ${object.key}=${object.value}`;
  // Only another ADD can make a ruleset.
  if (object.kind === 'ruleset') return undefined;
  const { kind, dev, wanted, absent } = object;
  const words = textOf({ ...object, rival: undefined }).slice(`${kind} `.length);
  switch (kind) {
    case 'link':
      return `ip link ${absent ? 'delete' : 'set'} dev ${words}`;
    case 'altName':
      return `ip link property ${absent ? 'del' : 'add'} dev ${dev} altname ${wanted.name}`;
    case 'address':
      // Deleting a link's last address deletes all its routes. Another ADD avoids that.
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
