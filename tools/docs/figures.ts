// Plots and tables of the benchmark results in docs/figures.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Point, picture, text, wire } from '../../apps/veth/src/cli/svg.ts';
import type { Bar, Comparison, Figures } from '../bench/figures.ts';
import { root } from './markdown.ts';

/** The parts of the performance page, with their benchmarks. */
const plots = {
  veth: { title: 'Whole runs of plugins', benches: ['veth'] },
  rtnetlink: { title: 'Routes listed and added', benches: ['rtnetlink'] },
  load: {
    title: 'What packages add to a program',
    benches: ['load-ip', 'load-libc', 'load-netns', 'load-rtnetlink', 'load-netfilter', 'load-cni-skel'],
  },
} as const;

type Plot = keyof typeof plots;

function readFigures(name: Plot): Figures[] {
  return plots[name].benches.map(readBench);
}

function readBench(bench: string): Figures {
  return JSON.parse(readFileSync(join(root, `docs/figures/${bench}.json`), 'utf8'));
}

const nameAt = 36;
const full = 840;
const [rowHeight, headHeight, gap] = [24, 34, 26];

/**
 * If the longest bar is more than this many times the shortest, the scale is logarithmic, because short bars would be
 * invisible otherwise.
 */
const tooFarApart = 100;

/** Each comparison has its own scale: its longest bar takes the available width. */
export function plot(name: Plot): string {
  const figures = readFigures(name);
  const comparisons = figures.flatMap(({ comparisons }) => comparisons);
  const zero = beside(comparisons);
  const shapes: string[] = [];
  let y = 36;
  for (const { title, bars } of comparisons) {
    const medians = bars.map(({ median }) => Math.max(median, 0));
    const [shortest, longest] = [Math.min(...medians), Math.max(...medians)];
    const logarithmic = shortest > 0 && longest / shortest > tooFarApart;
    const unit = `median, ms${logarithmic ? '; each doubling adds the same length' : ''}`;
    shapes.push(text([nameAt, y], title, 'title'), text([zero, y], unit, 'small muted'));
    y += headHeight - 6;
    for (const [i, bar] of bars.entries()) {
      const share = logarithmic
        ? Math.log2((2 * medians[i]!) / shortest) / Math.log2((2 * longest) / shortest)
        : medians[i]! / longest;
      shapes.push(drawBar(bar, share, [zero, y]));
      y += rowHeight;
    }
    y += gap;
  }
  shapes.push(text([nameAt, y], machineOf(figures), 'small muted'));
  const description = comparisons.map(({ title, bars }) => `${title}: ${bars.map(spoken).join(', ')}.`).join('\n');
  return picture(y + 24, plots[name].title, description, shapes);
}

/** Start of the bars: to the right of all names, even with a wide font. */
function beside(comparisons: readonly Comparison[]): number {
  const widths = comparisons.flatMap(({ title, bars }) => [
    title.length * 8.6,
    ...bars.map(bar => bar.name.length * 6.7),
  ]);
  return nameAt + Math.ceil(Math.max(...widths)) + 12;
}

function drawBar({ name, median, ours }: Bar, share: number, [zero, y]: Point): string {
  const end = Math.round(zero + share * (full - zero));
  return [
    text([nameAt, y + 4], name, ours ? 'small cluster' : 'small'),
    wire(ours ? 'cluster' : 'lan', [zero, y], [end, y]),
    text([end + 14, y + 4], milliseconds(median), 'code muted'),
  ].join('\n');
}

function spoken({ name, median }: Bar): string {
  return `${name} ${milliseconds(median)} ms`;
}

/** The same as a table of numbers. */
export function figureTables(name: Plot): string {
  const figures = readFigures(name);
  return [...figures.flatMap(({ comparisons }) => comparisons.map(table)), machineOf(figures)].join('\n\n');
}

/** A sentence for a README: what the package adds to a program that does nothing. */
export function loadSentence(directory: string): string {
  const { machine, comparisons } = readBench(`load-${directory}`);
  const costs = new Map<string, number[]>();
  for (const { name, median } of comparisons.flatMap(({ bars }) => bars)) {
    const [what = ''] = name.split(',');
    const verb = what === `@spider/${directory}` ? 'import' : what.replace(/^@.*/, '`$&`');
    costs.set(verb, [...(costs.get(verb) ?? []), median]);
  }
  const list = [...costs].map(([verb, medians]) => `${verb} ${medians.map(milliseconds).join(' and ')} ms`);
  return `It adds to a program that does nothing, on Node 24 and compiled by Bun: ${list.join(', ')}
(${machine}; \`npm run bench -w packages/${directory}\` measures yours).`;
}

/** The machine, with its highest load. */
function machineOf(figures: readonly Figures[]): string {
  const { machine } = figures[0]!;
  return `${machine}, load ${Math.max(...figures.map(({ load }) => load)).toFixed(1)}`;
}

function table({ title, bars }: Comparison): string {
  const rows = bars.map(({ name, median }) => `| ${name} | ${milliseconds(median)} |`);
  return [`| ${title} | median, ms |`, '| --- | ---: |', ...rows].join('\n');
}

function milliseconds(value: number): string {
  return value.toFixed(2);
}
