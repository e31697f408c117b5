import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('a worker visits a namespace by itself', () => {
  const command = ['--conditions=@spider/source', join(import.meta.dirname, 'worker.ts')];
  const seen = execFileSync(process.execPath, command, { encoding: 'utf8' });
  // The worker before, during its visit; the main thread meanwhile; the worker afterwards.
  expect(JSON.parse(seen)).toEqual(['home', 'away', 'home', 'home']);
});
