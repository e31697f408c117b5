// Renders the chart as Helm does, by the program beside this file.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/go');
export const chart = join(root, 'deploy/chart');

/** Values that the tests give, by what they are an example of. */
export const examples: ReadonlyMap<string, object> = new Map(
  readdirSync(join(import.meta.dirname, 'values')).map(file => [
    basename(file, '.yaml'),
    parse(readFileSync(join(import.meta.dirname, 'values', file), 'utf8')) as object,
  ]),
);

/** Compiles the program. Debian's Go libraries lie where GOPATH is here. */
export function buildRenderer(): string {
  const program = join(cache, 'render');
  mkdirSync(cache, { recursive: true });
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: join(cache, 'build') };
  const source = join(import.meta.dirname, 'render.go');
  // Test files run at the same time: none may meet half a program, or write into one that runs.
  const own = `${program}-${process.pid}`;
  execFileSync('go', ['build', '-o', own, source], { env, stdio: 'inherit' });
  renameSync(own, program);
  return program;
}

/** All that the chart makes of values, in one text. */
export function render(renderer: string, values: object): string {
  const printed = execFileSync(renderer, [chart, 'kube-system'], { input: JSON.stringify(values), encoding: 'utf8' });
  const files = JSON.parse(printed) as Readonly<Record<string, string>>;
  return Object.keys(files)
    .sort()
    .map(file => files[file])
    .filter(text => text?.trim())
    .join('');
}
