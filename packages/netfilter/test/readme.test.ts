import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import './kernel.ts';

const root = dirname(import.meta.dirname);

test('the example of the README prints what it says', () => {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const promised = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, output]) => output);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@spider/source', ...typescript, '-e', example],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toEqual(promised);
});

const typescript = process.versions['bun']
  ? []
  : ['--input-type=module-typescript', '--disable-warning=ExperimentalWarning'];
