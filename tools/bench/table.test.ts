import { expect, it } from 'vitest';
import { beyond, find, type Row, table, times } from './table.ts';

/** A subject whose three rounds took one, two and three times as long. */
function row(verb: string, name: string, wall: number): Row {
  const durations = [1, 2, 3].map(load => ({ wall: load * wall, cpu: (load * wall) / 2 }));
  return { verb, name, durations, peakMemory: 5 * 2 ** 20, netlinkSends: 6 };
}

const rows = [
  row('start', 'empty', 1),
  row('ADD', 'veth', 3),
  row('ADD', 'ptp, static', 2),
  row('ADD', 'ptp, pool', 4),
];

it('compares each row with the first peer of its verb and with the empty executable', () => {
  expect(table(rows, 'ptp').split('\n')).toEqual([
    '                             wall ms            CPU ms     peak  netlink    ÷ ptp           ÷ empty',
    '                              median      p95   median      MiB    sends     wall      CPU     wall      CPU',
    'start    empty                  2.00     3.00     1.00      5.0        6                       1.00     1.00',
    'ADD      veth                   6.00     9.00     3.00      5.0        6     1.50     1.50     3.00     3.00',
    '         ptp, static            4.00     6.00     2.00      5.0        6     1.00     1.00     2.00     2.00',
    '         ptp, pool              8.00    12.00     4.00      5.0        6     2.00     2.00     4.00     4.00',
  ]);
});

it('tells how far a row is from another, as a factor and in milliseconds', () => {
  const [add, empty] = [find(rows, 'ADD', 'veth'), find(rows, 'start', 'empty')];
  expect([times(add, empty, 'wall'), beyond(add, empty, 'cpu')]).toEqual(['3.00', '2.00']);
});

it('names the subject that was not measured', () => {
  expect(() => find(rows, 'DEL', 'veth')).toThrow('DEL veth was not measured');
});
