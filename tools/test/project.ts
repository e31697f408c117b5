// Runs the tests of the project in the working directory, with each runtime in turn, in a sandbox of its own. Arguments are
// passed to vitest, so `npm test -w packages/ip -- range` runs the files that match "range".
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runInSandbox } from '../sandbox.ts';
import { fetchNodes } from './nodes.ts';

const here = import.meta.dirname;
const root = dirname(dirname(here));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

// Fetched here, because sandboxes have no network. Users of a published package choose the runtime, so there are several.
const nodes = fetchNodes();
const isPublished = !JSON.parse(readFileSync('package.json', 'utf8')).private;
const runtimes = {
  node24: process.execPath,
  bun: 'bun',
  ...(isPublished && nodes),
};
const bunFlags = ['--bun', '--preload', join(here, 'bun-vitest.mjs')];

// Nx requests colours, but the output of tested programs must not depend on the caller.
const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
delete env['FORCE_COLOR'];

rmSync('.results', { recursive: true, force: true });
mkdirSync('.results');

let failed = false;
for (const [runtime, program] of Object.entries(runtimes)) {
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
  // If a test starts "node", that is the runtime under test too.
  const path = program === 'bun' ? env['PATH'] : [dirname(program), env['PATH']].join(delimiter);
  const flags = program === 'bun' ? bunFlags : [];
  const { status } = runInSandbox(program, [...flags, vitest, ...args], { env: { ...env, PATH: path } });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
