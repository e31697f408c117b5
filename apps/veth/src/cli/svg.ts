// The few SVG shapes of the pictures of `veth inspect` and of those in docs/. They have classes, not colours: the style
// sheet has the colours for a light and a dark background.
import { printable } from './print.ts';

/** A point in pixels from the top left corner. */
export type Point = readonly [x: number, y: number];

/** What a shape belongs to: the LAN, the cluster (everything that veth adds), or neither. */
export type Side = 'lan' | 'cluster' | 'plain';

const corner = 10;

const style = `
  text { font: 14px system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace; }
  .small { font-size: 12.5px; }
  .muted { fill: #59636e; }
  .box, .chip { fill: #ffffff; stroke: #b8c0c9; stroke-width: 1.25; }
  .outer { fill: #f6f8fa; }
  .wire { fill: none; stroke-width: 4; stroke-linecap: round; stroke-linejoin: round; }
  .wire.plain { stroke: #b8c0c9; stroke-width: 2; }
  .chip.plain { stroke: #818b98; }
  .wire.lan, .chip.lan { stroke: #0969da; }
  .wire.cluster, .chip.cluster { stroke: #bc4c00; }
  .chip.lan, .chip.cluster { stroke-width: 2; }
  text.lan { fill: #0969da; }
  text.cluster { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .muted { fill: #9198a1; }
    .box, .chip { fill: #0d1117; stroke: #4b535d; }
    .outer { fill: #151b23; }
    .wire.plain { stroke: #4b535d; }
    .chip.plain { stroke: #7d8590; }
    .wire.lan, .chip.lan { stroke: #4493f8; }
    .wire.cluster, .chip.cluster { stroke: #f0883e; }
    text.lan { fill: #4493f8; }
    text.cluster { fill: #f0883e; }
  }
`;

/** A whole picture. Title and description are for screen readers. */
export function picture(
  height: number,
  title: string,
  description: string,
  shapes: readonly string[],
  width = 960,
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${escapeText(title)}</title>
<desc id="description">${escapeText(description)}</desc>
<style>${style}</style>
${shapes.join('\n')}
</svg>
`;
}

export function text([x, y]: Point, content: string, classes: string): string {
  return `<text x="${x}" y="${y}" class="${classes}">${escapeText(content)}</text>`;
}

/** Lines of text, one below the other. */
export function lines([x, y]: Point, contents: readonly string[], classes: string): string {
  return contents.map((content, i) => text([x, y + i * 17], content, classes)).join('\n');
}

/** A machine, a pod, or a part of one. */
export function box([left, top]: Point, [right, bottom]: Point, classes = ''): string {
  return `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" rx="${corner}" class="box ${classes}"/>`;
}

/** The width in pixels of the chip with this name. */
export function chipWidth(name: string): number {
  return name.length * 7.6 + 22;
}

/** A network interface. The point is its centre. */
export function chip([x, y]: Point, name: string, side: Side): string {
  const [w, h] = [chipWidth(name), 28];
  return `<rect x="${x - w / 2}" y="${y - h / 2}" width="${w}" height="${h}" rx="${h / 2}" class="chip ${side}"/>
<text x="${x}" y="${y + 4.5}" text-anchor="middle" class="code">${escapeText(name)}</text>`;
}

/** A line along which packets go, with rounded corners. */
export function wire(side: Side, ...points: readonly [Point, ...Point[]]): string {
  const steps = points.slice(1).map((point, i) => {
    const [before, after] = [points[i]!, points[i + 2]];
    if (!after) return `L ${point.join(' ')}`;
    return `L ${towards(point, before).join(' ')} Q ${point.join(' ')} ${towards(point, after).join(' ')}`;
  });
  return `<path d="M ${points[0].join(' ')} ${steps.join(' ')}" class="wire ${side}"/>`;
}

/** The point between a corner and its neighbour where the rounding of the corner begins. */
function towards([x, y]: Point, [otherX, otherY]: Point): Point {
  return [x + Math.sign(otherX - x) * corner, y + Math.sign(otherY - y) * corner];
}

function escapeText(content: string): string {
  return printable(content).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
