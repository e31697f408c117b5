import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the example of the README prints what its comments say', () => {
  const root = join(import.meta.dirname, '..');
  const example = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8'))![1]!;
  const promised = [...example.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(match => `${match[1]}\n`);
  const args = ['--conditions=@spider/source', '--input-type=module', '--eval', example];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toBe(promised.join(''));
});
