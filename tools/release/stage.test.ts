import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Stage } from './stage.ts';

const root = mkdtempSync(join(tmpdir(), 'stage-'));
afterAll(() => rmSync(root, { recursive: true }));

test('in a workspace that has fetched nothing yet, there is a place for what is fetched', () => {
  for (const directory of ['@spider', 'ipaddr.js', '.bin'])
    mkdirSync(join(root, 'node_modules', directory), { recursive: true });
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  using stage = Stage.create(root);
  expect(existsSync(join(stage.directory, 'node_modules/.cache'))).toBe(true);
});
