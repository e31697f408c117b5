import type { Inspection, PodInspection } from './inspection.ts';
import { shortName } from './text.ts';

/** The paths of the pods as a Mermaid flowchart, which GitHub and many wikis draw. */
export function inspectionMermaid({ node, pods }: Inspection): string {
  return [
    'flowchart LR',
    '  lan((LAN))',
    `  node[${quoted('node', ...node.addresses)}]`,
    ...pods.flatMap(podLines),
  ].join('\n');
}

function podLines(pod: PodInspection, i: number): string[] {
  const broken = pod.findings.filter(finding => finding.broken);
  const label = broken.length > 0 ? `|${broken.length} wrong|` : '';
  const { host } = pod.pair;
  return [
    `  subgraph pod${i}[${quoted(shortName(pod))}]`,
    ...pod.nics.map(({ name, addresses }, j) => `    pod${i}_nic${j}[${quoted(name, ...addresses)}]`),
    `    pod${i}_pair[${quoted(pod.pair.pod?.name ?? 'veth0')}]`,
    '  end',
    ...pod.nics.map((_, j) => `  lan --- pod${i}_nic${j}`),
    `  pod${i}_pair ${broken.length > 0 ? '-.-' : '==='}${label} host${i}[${quoted(host.name)}]`,
    `  host${i} --- node`,
  ];
}

/** A label of several lines, escaped: the name of a link may contain nearly any character. */
function quoted(...lines: readonly string[]): string {
  const entities: Readonly<Record<string, string>> = {
    '#': '#35;',
    '"': '#quot;',
    '<': '#lt;',
    '>': '#gt;',
    '&': '#amp;',
  };
  return `"${lines.map(line => line.replace(/[#"<>&]/g, found => entities[found]!)).join('<br>')}"`;
}
