// The inspection as a tree of text.
import type { Finding } from '../finding.ts';
import { type Tree, treeText } from '../tree.ts';
import type { EndInspection, Inspection, NicInspection, PairInspection, PodInspection } from './inspection.ts';

/** True if nothing stops packets. */
export function isHealthy({ node, pods }: Inspection): boolean {
  return ![...node.findings, ...pods.flatMap(({ findings }) => findings)].some(isBroken);
}

/** Unhealthy pods come last, because that is the part that a terminal shows at the end. */
export function inspectionText({ node, pods }: Inspection): string {
  const [unhealthy = [], healthy = []] = [true, false].map(wrong =>
    pods.filter(({ findings }) => findings.some(isBroken) === wrong),
  );
  const count = unhealthy.length > 0 ? `, ${unhealthy.length} unhealthy` : '';
  // "healthy" for the node itself would read as if all pods were.
  const nodeVerdict = count && !node.findings.some(isBroken) ? '' : verdict(node.findings);
  return treeText([
    {
      line: `node with ${countText(pods.length)} of ours${count}${nodeVerdict}`,
      below: [{ line: `addresses ${node.addresses.join(', ') || 'none'}` }, ...node.findings.flatMap(findingTrees)],
    },
    ...[...healthy, ...unhealthy].map(podTree),
  ]);
}

function countText(count: number): string {
  return count === 1 ? '1 pod' : `${count || 'no'} pods`;
}

/** A pod's name for headings. */
export function shortName({ pod, containerID }: PodInspection): string {
  const container = `container ${containerID.slice(0, 13)}`;
  return pod ? `pod ${pod}, ${container}` : container;
}

function podTree(inspected: PodInspection): Tree {
  const { netns, pair, nics, findings } = inspected;
  return {
    line: `${shortName(inspected)}${verdict(findings)}`,
    below: [
      { line: `namespace ${netns ?? 'not found'}` },
      pairTree(pair),
      ...nics.map(nicTree),
      ...findings.flatMap(findingTrees),
    ],
  };
}

function pairTree({ pod, host, routed }: PairInspection): Tree {
  return {
    line: `pair ${pod ? pod.name : 'veth0'} ── ${host.name}`,
    below: [
      ...(pod ? [{ line: `in the pod: ${endText(pod)}` }] : []),
      { line: `on the node: ${endText(host)}, leads to ${routed.join(', ') || 'nothing'}` },
    ],
  };
}

function endText({ address, mtu, up }: EndInspection): string {
  return `${up ? 'up' : 'down'}, ${address}, mtu ${mtu}`;
}

function nicTree({ name, network, kind, addresses, paths }: NicInspection): Tree {
  return {
    line: `${name} of network ${network}${kind ? `, ${kind}` : ''}: ${addresses.join(', ') || 'no address'}`,
    below: paths.map(({ role, source, gateway, table, rules, destinations }) => ({
      line: `from ${source} via ${gateway}, ${role === 'primary' ? 'table main' : `table ${table}`}`,
      below: [...rules.map(rule => ({ line: `rule ${rule}` })), { line: `to ${destinations.join(', ')}` }],
    })),
  };
}

function isBroken({ broken }: Finding): boolean {
  return broken;
}

function verdict(findings: readonly Finding[]): string {
  const broken = findings.filter(isBroken).length;
  return broken === 0 ? ': healthy' : `: ${broken} wrong`;
}

function findingTrees({ object, problem, remedy, broken }: Finding): Tree[] {
  return [{ line: `${broken ? '!' : '?'} ${object}: ${problem}`, ...(remedy && { below: [{ line: remedy }] }) }];
}
