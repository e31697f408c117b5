// Formats the measurements as a table for a terminal.
import type { Duration } from './measure.ts';
import type { Subject } from './scenario.ts';
import { median, quantile, ratio } from './statistics.ts';

/** All measurements of one subject. */
export interface Row extends Subject {
  /** One per round. */
  readonly durations: readonly Duration[];
  /** In bytes. */
  readonly peakMemory: number;
  readonly netlinkSends: number;
}

type Clock = keyof Duration;

const subjectWidth = 27;

/**
 * The table. Ratios are relative to the first row of the same verb whose name begins with `peer`, and to the empty
 * executable.
 */
export function table(rows: readonly Row[], peer: string): string {
  const empty = find(rows, 'start', 'empty');
  const lines = rows.map((row, i) => {
    const verb = row.verb === rows[i - 1]?.verb ? '' : row.verb;
    const other = rows.find(({ verb, name }) => verb === row.verb && name.startsWith(peer));
    return line(verb, row.name, [
      milliseconds(median(column(row, 'wall'))),
      milliseconds(quantile(column(row, 'wall'), 0.95)),
      milliseconds(median(column(row, 'cpu'))),
      (row.peakMemory / 2 ** 20).toFixed(1),
      String(row.netlinkSends),
      ...(['wall', 'cpu'] as const).map(clock => (other ? times(row, other, clock) : '')),
      ...(['wall', 'cpu'] as const).map(clock => times(row, empty, clock)),
    ]);
  });
  return [
    line('', '', ['wall ms', '', 'CPU ms', 'peak', 'netlink', `÷ ${peer}`, '', '÷ empty', '']),
    line('', '', ['median', 'p95', 'median', 'MiB', 'sends', 'wall', 'CPU', 'wall', 'CPU']),
    ...lines,
  ].join('\n');
}

/**
 * The row of a subject.
 * @throws Error the subject was not measured
 */
export function find(rows: readonly Row[], verb: string, name: string): Row {
  const row = rows.find(each => each.verb === verb && each.name === name);
  if (!row) throw new Error(`${verb} ${name} was not measured`);
  return row;
}

/** The times of one clock, per round. */
export function column({ durations }: Row, clock: Clock): number[] {
  return durations.map(each => each[clock]);
}

/** The ratio of a row's time to another's. */
export function times(row: Row, other: Row, clock: Clock): string {
  return ratio(column(row, clock), column(other, clock)).toFixed(2);
}

/** Milliseconds by which a row's time exceeds another's, median of all rounds. */
export function beyond(row: Row, other: Row, clock: Clock): string {
  const others = column(other, clock);
  return milliseconds(median(column(row, clock).map((time, round) => time - others[round]!)));
}

const milliseconds = (value: number): string => value.toFixed(2);

function line(verb: string, name: string, cells: readonly string[]): string {
  const subject = `${verb.padEnd(9)}${name}`.padEnd(subjectWidth);
  return (subject + cells.map(cell => cell.padStart(9)).join('')).trimEnd();
}
