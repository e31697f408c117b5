// What a benchmark leaves in dist/bench, for whoever draws it or compares it with another day's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';

/** What was measured in turn, and can be compared. */
export interface Comparison {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly name: string;
  /** Milliseconds, in the middle of all rounds. */
  readonly median: number;
  readonly ours: boolean;
}

export interface Figures {
  readonly machine: string;
  /** How many wanted to run on it at the end, which tells how far the figures are to be trusted. */
  readonly load: number;
  readonly comparisons: readonly Comparison[];
}

/** In dist, so that only what somebody chooses gets into the repository. */
const directory = join(import.meta.dirname, '../../dist/bench');

/** Keeps what the benchmark of this name measured, in place of what it measured before. */
export function keepFigures(name: string, comparisons: readonly Comparison[]): void {
  const [{ model = '' } = {}] = cpus();
  const machine = `${cpus().length} × ${model.trim()}, Linux ${release()}`;
  const figures: Figures = { machine, load: loadavg()[0]!, comparisons };
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(figures, undefined, 1)}\n`);
}
