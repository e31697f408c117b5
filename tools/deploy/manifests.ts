// npm run manifests -w tools: writes what the chart makes of its own values, for those without Helm, and what the tests
// expect it to make of theirs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildRenderer, examples, render } from './chart.ts';

export const daemonset = join(import.meta.dirname, '../../deploy/daemonset.yaml');
export const golden = (name: string) => join(import.meta.dirname, `golden/${name}.yaml`);

if (import.meta.main) {
  const renderer = buildRenderer();
  writeFileSync(daemonset, render(renderer, {}));
  for (const [name, values] of examples) writeFileSync(golden(name), render(renderer, values));
}
