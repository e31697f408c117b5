import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { conformanceTable, file } from '../scripts/conformance-table.ts';

it('docs/cni-conformance.md names a test for every rule, as they are now', () => {
  expect(readFileSync(file, 'utf8')).toBe(conformanceTable());
});
