import type { DesiredPair } from '../../plan/pair.ts';
import type { Action, Planned, PlannedObject } from './plan.ts';

const signs: Readonly<Record<Action, string>> = { make: '+', change: '~', remove: '-', keep: '=' };

/** The plan as text, one object per line. */
export function planText({ netns, ifName, addresses, warnings, hasPair, pair, objects }: Planned): string {
  const head = `${ifName} of ${netns}${addresses.length > 0 ? `, ${addresses.join(', ')}` : ''}`;
  const sign = signs[hasPair ? 'keep' : 'make'];
  return [
    head,
    ...warnings.map(warning => `! ${warning}`),
    ...(objects.length === 0 ? ['ADD would do nothing: skip is true'] : []),
    ...(pair ? [`${sign} ${pairText(pair)}`] : []),
    ...objects.map(changeText),
  ].join('\n');
}

/** An object with the sign of what is done with it. */
export function changeText({ action, text, difference }: PlannedObject): string {
  const object = action === 'remove' ? text.replace(/^no /, '') : text;
  return `${signs[action]} ${object}${difference ? `: ${difference}` : ''}`;
}

/** The pair as one object. */
export function pairText({ hostName, podName, mtu }: DesiredPair): string {
  return `link ${hostName} on the node, its peer ${podName} in the pod, mtu ${mtu}`;
}
