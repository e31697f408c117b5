// Formats the results of flows as a table for a terminal.
import { styleText } from 'node:util';
import { families } from './family.ts';
import type { Row } from './flows.ts';
import type { Flow, Verdict } from './probe.ts';

/** The rows of a pod, with a title. All columns of a table have the same rows. */
export interface Column {
  readonly title: string;
  readonly rows: readonly Row[];
}

const nameWidth = 14;
const cellWidth = 9;

export function table(columns: readonly Column[], verdicts: ReadonlyMap<Flow, Verdict>): string {
  const cell = (flow: Flow | undefined) => {
    if (!flow) return ''.padEnd(cellWidth);
    const works = verdicts.get(flow) === undefined;
    const word = works ? 'works' : 'fails';
    return styleText(works ? 'green' : 'red', word) + ' '.repeat(cellWidth - word.length);
  };
  const perFamily = (show: (family: (typeof families)[number]) => string) => families.map(show).join('');
  const titles = columns.map(({ title }) => title.padEnd(cellWidth * families.length));
  const heads = columns.map(() => perFamily(family => family.padEnd(cellWidth)));
  const lines = columns[0]!.rows.map(({ from, to }, index) => [
    from.padEnd(nameWidth) + to.padEnd(nameWidth),
    ...columns.map(({ rows }) => perFamily(family => cell(rows[index]!.flows[family]))),
  ]);
  return [
    [''.padEnd(nameWidth * 2), ...titles],
    ['from'.padEnd(nameWidth) + 'to'.padEnd(nameWidth), ...heads],
    ...lines,
  ]
    .map(line => line.join('  ').trimEnd())
    .join('\n');
}

/** A sentence for each result that differs from the expected one. */
export function surprises(columns: readonly Column[], verdicts: ReadonlyMap<Flow, Verdict>): string[] {
  return columns.flatMap(({ title, rows }) =>
    rows.flatMap(({ from, to, mustWork, flows }) =>
      families.flatMap(family => {
        const flow = flows[family];
        const verdict = flow && verdicts.get(flow);
        if (!flow || (verdict === undefined) === mustWork) return [];
        const way = `${title}, ${from} → ${to} (${flow.address})`;
        return [mustWork ? `${way} must work: ${verdict}` : `${way} works, but must not`];
      }),
    ),
  );
}
