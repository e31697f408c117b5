import type { Inspection, PodInspection } from './inspection.ts';
import { shortName } from './text.ts';

/** The paths of the pods as a flowchart of Mermaid, which GitHub and many wikis draw. */
export function inspectionMermaid({ node, pods }: Inspection): string {
  return [
    'flowchart LR',
    '  lan((LAN))',
    `  node["node<br>${node.addresses.join('<br>')}"]`,
    ...pods.flatMap(podLines),
  ].join('\n');
}

function podLines(pod: PodInspection, i: number): string[] {
  const broken = pod.findings.filter(finding => finding.broken);
  const label = broken.length > 0 ? `|${broken.length} wrong|` : '';
  const { host } = pod.pair;
  return [
    `  subgraph pod${i}["${shortName(pod)}"]`,
    ...pod.nics.map(({ name, addresses }) => `    pod${i}_${name}["${[name, ...addresses].join('<br>')}"]`),
    `    pod${i}_pair["${pod.pair.pod?.name ?? 'veth0'}"]`,
    '  end',
    ...pod.nics.map(({ name }) => `  lan --- pod${i}_${name}`),
    `  pod${i}_pair ${broken.length > 0 ? '-.-' : '==='}${label} host${i}["${host.name}"]`,
    `  host${i} --- node`,
  ];
}
