import type { Action, Planned } from './plan.ts';

const signs: Readonly<Record<Action, string>> = { make: '+', change: '~', remove: '-', keep: '=' };

/** The plan as text, one object per line. */
export function planText({ netns, ifName, addresses, warnings, hasPair, pair, objects }: Planned): string {
  const head = `${ifName} of ${netns}${addresses.length > 0 ? `, ${addresses.join(', ')}` : ''}`;
  const sign = signs[hasPair ? 'keep' : 'make'];
  return [
    head,
    ...warnings.map(warning => `! ${warning}`),
    ...(objects.length === 0 ? ['ADD would do nothing: skip is true'] : []),
    ...(pair
      ? [`${sign} link ${pair.hostName} on the node, its peer ${pair.podName} in the pod, mtu ${pair.mtu}`]
      : []),
    ...objects.map(
      ({ action, text, difference }) =>
        `${signs[action]} ${action === 'remove' ? text.replace(/^no /, '') : text}${difference ? `: ${difference}` : ''}`,
    ),
  ].join('\n');
}
