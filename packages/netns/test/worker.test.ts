import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('a worker visits a namespace by itself', () => {
  const command = ['--conditions=@spider/source', join(import.meta.dirname, 'worker.ts')];
  const seen = execFileSync(process.execPath, command, { encoding: 'utf8' });
  // In this order: the worker before and during its visit, the main thread at that time, the worker afterwards.
  expect(JSON.parse(seen)).toEqual(['home', 'away', 'home', 'home']);
});
