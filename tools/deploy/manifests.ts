// npm run manifests -w tools: writes the schema of the chart's values, the manifests that the chart renders with its
// default values (for users without Helm), and the manifests that tests expect for their values.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { chart, newest, render } from './helm.ts';
import { valuesSchema } from './values.ts';

export const daemonset = join(import.meta.dirname, '../../deploy/daemonset.yaml');
export const golden = (name: string) => join(import.meta.dirname, `golden/${name}.yaml`);
export const schemaFile = join(chart, 'values.schema.json');
export const schemaText = () => `${JSON.stringify(valuesSchema(), undefined, 2)}\n`;

/** Values of the tests, by the name of the example. */
export const examples: ReadonlyMap<string, object> = new Map(
  readdirSync(join(import.meta.dirname, 'values')).map(file => [
    basename(file, '.yaml'),
    parse(readFileSync(join(import.meta.dirname, 'values', file), 'utf8')) as object,
  ]),
);

if (import.meta.main) {
  writeFileSync(schemaFile, schemaText());
  writeFileSync(daemonset, render(newest, {}));
  for (const [name, values] of examples) writeFileSync(golden(name), render(newest, values));
}
