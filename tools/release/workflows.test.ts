// Checks the workflows in .github, which run on GitHub only.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');

interface Workflow {
  readonly on: string | object;
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { run?: string; uses?: string }[] }>>;
}

const files = globSync('.github/workflows/*', { cwd: root }).sort();
const read = (file: string) => parse(readFileSync(join(root, file), 'utf8')) as Workflow;
const stepsOf = (file: string) => Object.values(read(file).jobs).flatMap(({ steps }) => steps);

function errorsOf(file: string): string {
  const program = join(import.meta.dirname, 'workflow-errors.ts');
  return execFileSync(join(root, 'node_modules/.bin/bun'), [program, file], { encoding: 'utf8' });
}

describe.each(files)('%s', file => {
  test('is what GitHub takes', () => expect(errorsOf(join(root, file))).toBe(''));

  test('runs commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const unknown = stepsOf(file)
      .flatMap(({ run = '' }) => run.split('\n').filter(line => line !== ''))
      .filter(line => {
        const [program = '', ...args] = line.split(' ');
        if (program === 'npm') return args[0] !== 'run' || !Object.keys(scripts).includes(args[1]!);
        return program !== 'git' && !existsSync(join(root, program));
      });
    expect(unknown).toEqual([]);
  });

  test('takes actions by their commits, and says which versions these are', () => {
    const uses = readFileSync(join(root, file), 'utf8').match(/\buses: .*/g) ?? [];
    expect(uses.length).toBe(stepsOf(file).filter(({ uses }) => uses).length);
    for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});

test('a mistake in a workflow is found', () => {
  const directory = mkdtempSync(join(tmpdir(), 'workflow-'));
  const file = join(directory, 'release.yml');
  const text = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8');
  writeFileSync(file, text.replace('secrets.NPM_TOKEN', 'secret.NPM_TOKEN').replace('id-token:', 'id-tokn:'));
  expect(errorsOf(file)).toMatch(/Unexpected value 'id-tokn'\n.*Unrecognized named-value: 'secret'/);
  rmSync(directory, { recursive: true });
});

test('a pull request runs what a maintainer runs', () => {
  const [file = ''] = files.filter(file => Object.keys(read(file).on).includes('pull_request'));
  expect(stepsOf(file).map(({ run }) => run)).toContain('.ci/run');
});

test('a release may have its provenance attested', () => {
  expect(read('.github/workflows/release.yml').permissions).toMatchObject({ 'id-token': 'write' });
});

test('packages and actions are updated once a month', () => {
  const { updates } = parse(readFileSync(join(root, '.github/dependabot.yml'), 'utf8'));
  const monthly = (ecosystem: string) => ({
    'package-ecosystem': ecosystem,
    directory: '/',
    schedule: { interval: 'monthly' },
  });
  expect(updates).toEqual([monthly('npm'), monthly('github-actions')]);
});
