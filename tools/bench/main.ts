// npm run bench [-- --runs N] [--json FILE]: measures whole runs of veth in turn with those of Debian's ptp and sbr.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { progress } from '../lab/enter.ts';
import { inSandbox, runInSandbox } from '../sandbox.ts';
import { crowded } from './crowd.ts';
import { keepFigures } from './figures.ts';
import { duration, netlinkSends, peakMemory, requireHelpers } from './measure.ts';
import { round, series } from './round.ts';
import { compileEmpty, createScenario } from './scenario.ts';
import { median } from './statistics.ts';
import { beyond, column, find, type Row, table, times } from './table.ts';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '60' }, json: { type: 'string' } },
});
const runs = Number(options.runs);
if (!Number.isSafeInteger(runs) || runs < 1) fail(`--runs ${options.runs}: must be a whole number from 1`);

if (!inSandbox) {
  requireHelpers('time', 'strace');
  compileEmpty();
  const { status } = runInSandbox(process.execPath, [...process.execArgv, ...process.argv.slice(1)]);
  process.exit(status ?? 1);
}

progress('creating two labs, one with a crowded node');
const scenario = await createScenario();
progress('counting memory and netlink sends');
const memories = await round(scenario, peakMemory);
const sends = await round(scenario, netlinkSends);
progress(`timing ${runs} rounds`);
const durations = await series(runs, i => {
  // The place of a copy in memory can account for 2 ms, so several copies are measured.
  if (i % 5 === 0) scenario.install();
  return round(scenario, duration);
});
const rows = memories.map(
  ({ verb, name, measured }, i): Row => ({
    verb,
    name,
    peakMemory: measured,
    netlinkSends: sends[i]!.measured,
    durations: durations.map(subjects => subjects[i]!.measured),
  }),
);
const machine = { kernel: release(), cpu: cpus()[0]?.model.trim(), cpus: cpus().length, load: loadavg()[0]! };

console.log(report());
keepFigures(
  'veth',
  [...new Set(rows.map(({ verb }) => verb))].map(verb => ({
    title: verb === 'start' ? 'programs that do nothing' : verb,
    bars: rows
      .filter(row => row.verb === verb)
      .map(row => ({ name: row.name, median: median(column(row, 'wall')), ours: row.name.startsWith('veth') })),
  })),
);
if (options.json) {
  // npm and nx change the working directory.
  const file = resolve(process.env['INIT_CWD'] ?? '.', options.json);
  writeFileSync(file, `${JSON.stringify({ machine, runs, rows }, undefined, 1)}\n`);
}
// The open namespaces would keep the process alive.
process.exit(0);

function report(): string {
  const empty = find(rows, 'start', 'empty');
  const [version, add] = [find(rows, 'VERSION', 'veth'), find(rows, 'ADD', 'veth')];
  const busy = find(rows, 'ADD', 'veth, busy node');
  const { interfaces, routes, neighbours } = crowded;
  return `
${table(rows, 'ptp')}

Milliseconds in excess of the empty executable, wall (CPU): VERSION, which only loads modules, ${beyond(version, empty, 'wall')} (${beyond(version, empty, 'cpu')}); ADD ${beyond(add, empty, 'wall')} (${beyond(add, empty, 'cpu')}).
ADD on the busy node (${interfaces} interfaces, ${routes} routes, ${neighbours} neighbours): ${times(busy, add, 'wall')} × its wall time on the idle node, ${times(busy, add, 'cpu')} × its CPU time.

Dual stack. veth: adds a veth pair and routes to the cluster for a NIC of macvlan and host-local (which are not timed).
ptp: adds a veth pair with addresses from its IPAM plugin, whose process is part of the run. sbr: moves the routes of such
a NIC to a table. In each of ${runs} rounds all of them run in turn; ratios are medians of the rounds' ratios.
Wall is the time from the start of the process to its end; the row "true" shows its minimum. CPU includes child processes,
but not later work of the kernel. Peak is resident memory; pages mapped from the file are shared.
${machine.cpus} × ${machine.cpu}, Linux ${machine.kernel}, load ${machine.load.toFixed(1)}: other load increases times, and ratios less.`;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
