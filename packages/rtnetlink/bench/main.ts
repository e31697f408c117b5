// npm run bench -w packages/rtnetlink: lists 100,000 routes and adds 1,000 routes, with this package and with others.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, keepFigures } from '../../../tools/bench/figures.ts';
import { median, ratio } from '../../../tools/bench/statistics.ts';
import { inSandbox, runInSandbox } from '../../../tools/sandbox.ts';
import { fetchNetlink, linkNetlink } from './npm-netlink.ts';
import { ipBatch, prepare, sizes } from './routes.ts';

const here = import.meta.dirname;
const rounds = 5;
/** The first runs of each process execute code that has not been compiled yet. */
const repeats = 15;

if (!inSandbox) {
  fetchNetlink();
  const { status } = runInSandbox(process.execPath, [...process.execArgv, ...process.argv.slice(1)]);
  process.exit(status ?? 1);
}

/** Runs a program that prints milliseconds, and returns them. */
function printed(program: string, ...args: string[]): number[] {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  const times = stdout.trim().split('\n').map(Number);
  if (times.some(Number.isNaN)) throw new Error(`${program} ${args.join(' ')} printed no numbers: ${stdout}`);
  return times;
}

/** Run time of a program in milliseconds. */
function wall(program: string, args: string[], input = ''): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(program, args, { input, stdio: ['pipe', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return performance.now() - start;
}

/** Median of the runs of one process after its warm-up. */
const warm = (times: readonly number[]): number => median(times.slice(Math.floor(times.length / 3)));

const client = (runtime: string, what: string): number =>
  warm(printed(runtime, '--conditions=@spider/source', join(here, 'client.ts'), what, String(repeats)));

type Contender = readonly [name: string, measure: () => number];

/**
 * Measures all programs in turn, in several rounds, and prints each relative to the first. Programs of this package have the
 * name of their runtime.
 */
function compare(title: string, contenders: readonly Contender[]): Comparison {
  const times = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, [, measure]] of contenders.entries()) times[i]!.push(measure());
  console.log(`\n${title.padEnd(44)}      ms  ÷ first`);
  for (const [i, [name]] of contenders.entries())
    console.log(
      `${name.padEnd(40)}${median(times[i]!).toFixed(2).padStart(12)}${ratio(times[i]!, times[0]!).toFixed(2).padStart(9)}`,
    );
  const bars = contenders.map(([name], i) => ({ name, median: median(times[i]!), ours: /^(Bun|Node),/.test(name) }));
  return { title, bars };
}

/** Debian's Python: another one on PATH would not have Debian's pyroute2. */
const python = '/usr/bin/python3';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  const floor = join(folder, 'floor');
  const compiler = spawnSync('cc', ['-O2', '-o', floor, join(here, 'floor.c')], { encoding: 'utf8' });
  const needs = 'apt-get install gcc libc6-dev python3-pyroute2';
  if (compiler.status !== 0) throw new Error(`the C program: ${needs}\n${compiler.stderr ?? ''}`);
  if (spawnSync(python, ['-c', 'import pyroute2']).status !== 0) throw new Error(`pyroute2: ${needs}`);
  process.env['NODE_PATH'] = linkNetlink(folder);
  prepare();

  const listed = compare(`${sizes.listed} routes listed`, [
    ['C, receives and walks', () => warm(printed(floor, String(repeats)))],
    ['Bun, cursor, four fields', () => client('bun', 'cursor')],
    ['Bun, objects', () => client('bun', 'objects')],
    ['Node, cursor, four fields', () => client('node', 'cursor')],
    ['Node, objects', () => client('node', 'objects')],
    ['ip -j route (whole process)', () => wall('ip', ['-j', 'route'])],
    ['npm netlink, on Node', () => warm(printed('node', join(here, 'list.cjs'), String(repeats)))],
    ['pyroute2', () => printed(python, join(here, 'list.py'), '1')[0]!],
  ]);

  const added = compare(`${sizes.added} routes added`, [
    [
      'ip -batch (whole process)',
      () => {
        const time = wall('ip', ['-batch', '-'], ipBatch('add'));
        wall('ip', ['-batch', '-'], ipBatch('delete'));
        return time;
      },
    ],
    ...['Bun', 'Node'].flatMap(runtime =>
      ['add in a batch', 'add one by one'].map(
        what => [`${runtime}, ${what}`, () => client(runtime.toLowerCase(), what)] as const,
      ),
    ),
  ]);
  keepFigures('rtnetlink', [listed, added]);
} finally {
  rmSync(folder, { recursive: true });
}
