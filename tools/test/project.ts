// Runs the tests of the project in the working directory: each runtime in turn, in a sandbox of its own.
// Arguments go to vitest, so `npm test -w packages/ip -- range` runs the files that match "range".
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInSandbox } from '../sandbox.ts';

const here = import.meta.dirname;
const root = dirname(dirname(here));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

const runtimes = {
  node: ['node'],
  bun: ['bun', '--bun', '--preload', join(here, 'bun-vitest.mjs')],
} as const;

// Nx asks for colours; what tested programs print must not depend on who asked.
const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
delete env['FORCE_COLOR'];

rmSync('.results', { recursive: true, force: true });
mkdirSync('.results');

let failed = false;
for (const [runtime, [program, ...flags]] of Object.entries(runtimes)) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=.results/${runtime}.json`];
  const args = [
    'run',
    '--config',
    join(here, 'vitest.config.ts'),
    '--root',
    '.',
    ...reporters,
    ...process.argv.slice(2),
  ];
  const { status } = runInSandbox(program, [...flags, vitest, ...args], { env });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
