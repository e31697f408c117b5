// Measures what a package adds to the run of a program, on Node and compiled by Bun. The programs run in turn, so that
// other load of the machine affects all of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Bar, keepFigures } from './figures.ts';
import { installed } from './installed.ts';
import { median } from './statistics.ts';

export interface Program {
  /** Source of a module. It can import the packages that the package in the working directory can import. */
  readonly source: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

const compiler = join(import.meta.dirname, '../build/executable.ts');

const runtimes = {
  node: (file: string) => ['node', file],
  'bun executable': (file: string) => {
    const executable = file.replace('.mjs', '');
    const { status, stderr } = spawnSync('node', [compiler, file, executable], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return [installed(executable, `${executable}-installed`)];
  },
};

/** Prints the median time of each program, and the difference to a program that does nothing. */
export function compareStarts(programs: Readonly<Record<string, Program>>, rounds = 100): void {
  const directory = mkdtempSync(join(process.cwd(), 'bench-'));
  const bars: Bar[] = [];
  try {
    for (const [runtime, prepare] of Object.entries(runtimes)) {
      const runs = Object.entries({ empty: { source: 'export {};' }, ...programs }).map(([name, program], i) => {
        const file = join(directory, `${i}.mjs`);
        writeFileSync(file, program.source);
        return { name, program, command: prepare(file), times: [] as number[] };
      });
      for (let round = 0; round < rounds; round++)
        for (const { command, program, times } of runs) times.push(milliseconds(command, program));
      const empty = median(runs[0]!.times);
      for (const { name, times } of runs) {
        const time = median(times);
        if (name !== 'empty') bars.push({ name: `${name}, ${runtime}`, median: time - empty, ours: true });
        console.log(
          `${runtime}: ${name.padEnd(20)} ${time.toFixed(2)} ms, ${(time - empty).toFixed(2)} ms above empty`,
        );
      }
    }
    const name = basename(process.cwd());
    keepFigures(`load-${name}`, [{ title: `${name}, above an empty program`, bars }]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function milliseconds([program = '', ...args]: readonly string[], { env, stdin = '' }: Program): number {
  const start = process.hrtime.bigint();
  const { status, stdout } = spawnSync(program, args, { env: { ...process.env, ...env }, input: stdin });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}: ${stdout}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}
