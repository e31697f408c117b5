// The paths of the pods as a picture: the LAN on the left, the pods, their pairs, and the node's routing on the right.
import { box, chip, lines, type Point, picture, text, wire } from '../svg.ts';
import type { Inspection, PodInspection } from './inspection.ts';
import { shortName } from './text.ts';

const left = 96;
const podRight = 480;
const nodeLeft = 600;
const right = 924;
const lineHeight = 17;
const top = 66;

interface Row {
  readonly shapes: readonly string[];
  readonly height: number;
}

/** The picture, as SVG. */
export function inspectionPicture({ node, pods }: Inspection): string {
  const rows: { readonly pod: PodInspection; readonly y: number; readonly row: Row }[] = [];
  let y = top;
  for (const pod of pods) {
    const row = drawPod(pod, y);
    rows.push({ pod, y, row });
    y += row.height + 24;
  }
  const bottom = Math.max(y, top + 100 + node.addresses.length * lineHeight);
  const names = pods.map(shortName).join(', ');
  return picture(bottom + 32, 'The pods of a node, and their ways', `The node has pairs to ${names || 'no pods'}.`, [
    box([60, 16], [944, bottom + 8], 'outer'),
    text([84, 46], 'node', 'title'),
    wire('lan', [28, 40], [28, bottom]),
    text([16, 28], 'LAN', 'title'),
    box([nodeLeft, top], [right, bottom - 16]),
    text([nodeLeft + 84, top + 28], 'routing on the node', 'title'),
    lines([nodeLeft + 84, top + 52], node.addresses, 'code muted'),
    ...rows.flatMap(({ row }) => row.shapes),
  ]);
}

function drawPod(pod: PodInspection, y: number): Row {
  const { pair, nics, findings } = pod;
  const broken = findings.filter(finding => finding.broken);
  const shapes: string[] = [];
  let at = y + 58;
  for (const { name, addresses, paths } of nics) {
    const chipAt: Point = [left, at];
    shapes.push(wire('lan', chipAt, [28, at]), chip(chipAt, name, 'lan'));
    const contents = [
      ...addresses,
      ...paths.map(
        ({ source, gateway, destinations }) =>
          `${source.includes(':') ? 'IPv6' : 'IPv4'} via ${gateway} to ${destinations.length} destinations`,
      ),
    ];
    shapes.push(lines([left + 64, at + 4], contents, 'code muted'));
    at += contents.length * lineHeight + 22;
  }
  const problems = broken.flatMap(({ object, problem }) => wrapped(`${object}: ${problem}`));
  shapes.push(lines([left + 20, at], problems, 'small cluster'));
  const height = at + problems.length * lineHeight - y + 8;
  const middle = y + height / 2;
  const title = `${shortName(pod)}${broken.length > 0 ? `: ${broken.length} wrong` : ''}`;
  return {
    height,
    shapes: [
      wire('cluster', [podRight, middle], [nodeLeft, middle]),
      box([left, y], [podRight, y + height]),
      text([left + 20, y + 28], title, 'title'),
      ...shapes,
      chip([podRight, middle], pair.pod?.name ?? 'veth0', 'cluster'),
      chip([nodeLeft, middle], pair.host.name, 'cluster'),
    ],
  };
}

/** Lines that a pod's box has room for. */
function wrapped(problem: string): string[] {
  return problem.match(/.{1,54}(?= |$)/g) ?? [];
}
