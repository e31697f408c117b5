// The paths of the pods as a picture: the LAN on the left, the pods, their pairs, and the node's routing on the right.
import { box, chip, chipWidth, lines, type Point, picture, text, wire } from '../svg.ts';
import type { Inspection, PodInspection } from './inspection.ts';
import { shortName } from './text.ts';

// Wide enough for the longest names of links (15 characters) and addresses (39).
const width = 1120;
const left = 104;
const podRight = 548;
const nodeLeft = 668;
const right = width - 36;
const lineHeight = 17;
const top = 66;

interface Row {
  readonly shapes: readonly string[];
  readonly height: number;
}

/** The inspection as an SVG picture. */
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
  const shapes = [
    box([60, 16], [width - 16, bottom + 8], 'outer'),
    text([84, 46], 'node', 'title'),
    wire('lan', [28, 40], [28, bottom]),
    text([16, 28], 'LAN', 'title'),
    box([nodeLeft, top], [right, bottom - 16]),
    text([nodeLeft + 84, top + 28], 'routing on the node', 'title'),
    lines([nodeLeft + 84, top + 52], node.addresses, 'code muted'),
    ...rows.flatMap(({ row }) => row.shapes),
  ];
  const description = `The node has pairs to ${names || 'no pods'}.`;
  return picture(bottom + 32, 'The pods of a node, and their ways', description, shapes, width);
}

function drawPod(pod: PodInspection, y: number): Row {
  const { pair, nics, findings } = pod;
  const broken = findings.filter(finding => finding.broken);
  const title = wrapped(`${shortName(pod)}${broken.length > 0 ? `: ${broken.length} wrong` : ''}`, 48);
  const shapes: string[] = [];
  let at = y + 41 + title.length * lineHeight;
  const textAt = left + Math.max(64, ...nics.map(({ name }) => chipWidth(name) / 2 + 14));
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
    shapes.push(lines([textAt, at + 4], contents, 'code muted'));
    at += Math.max(contents.length, 1) * lineHeight + 22;
  }
  const problems = broken.flatMap(({ object, problem }) => wrapped(`${object}: ${problem}`, 54));
  shapes.push(lines([left + 20, at], problems, 'small cluster'));
  const height = at + problems.length * lineHeight - y + 8;
  const middle = y + height / 2;
  return {
    height,
    shapes: [
      wire('cluster', [podRight, middle], [nodeLeft, middle]),
      box([left, y], [podRight, y + height]),
      lines([left + 20, y + 28], title, 'title'),
      ...shapes,
      chip([podRight, middle], pair.pod?.name ?? 'veth0', 'cluster'),
      chip([nodeLeft, middle], pair.host.name, 'cluster'),
    ],
  };
}

/** The text in lines of at most `room` characters, broken between words if possible. */
function wrapped(content: string, room: number): string[] {
  const parts = content.match(new RegExp(`.{1,${room}}(?= |$)|.{1,${room}}`, 'g')) ?? [];
  return parts.map(part => part.trim());
}
