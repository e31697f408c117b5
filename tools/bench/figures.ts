// Results of a benchmark, stored in dist/bench to be drawn or compared with earlier ones.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';

/** Results that were measured in turn, so that they can be compared. */
export interface Comparison {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly name: string;
  /** Milliseconds, median of all rounds. */
  readonly median: number;
  readonly ours: boolean;
}

export interface Figures {
  readonly machine: string;
  /** Load average at the end; the higher it is, the less reliable are the figures. */
  readonly load: number;
  readonly comparisons: readonly Comparison[];
}

/** In dist, so that results are added to the repository only on purpose. */
const directory = join(import.meta.dirname, '../../dist/bench');

/** Stores the results of the benchmark with this name; they replace earlier ones. */
export function keepFigures(name: string, comparisons: readonly Comparison[]): void {
  const [{ model = '' } = {}] = cpus();
  const machine = `${cpus().length} × ${model.trim()}, Linux ${release()}`;
  const figures: Figures = { machine, load: loadavg()[0]!, comparisons };
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(figures, undefined, 1)}\n`);
}
