import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { documents } from './markdown.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies?: object;
}

test('the table of who stands on whom in docs/architecture.md is that of the manifests', () => {
  const { text } = documents('docs/architecture.md')[0]!;
  const [, table = ''] = /\| stands on \|\n.*\n((?:\|.*\n)+)/.exec(text) ?? [];
  const rows = table.trim().split('\n');
  const written = rows.map(row => [...row.matchAll(/`(.*?)`/g)].map(([, name]) => name));

  const manifests = documents('{packages,apps}/*/package.json').map(document => JSON.parse(document.text) as Manifest);
  const names = manifests.map(({ name }) => name);
  const actual = manifests.map(({ name, dependencies = {} }) => [
    name,
    ...Object.keys(dependencies).filter(dependency => names.includes(dependency)),
  ]);
  expect(written.toSorted()).toEqual(actual.toSorted());
});

test.each(documents('packages/*/package.json'))('$path says from which Node on the package runs', ({ path, text }) => {
  const { engines, dependencies = {} } = JSON.parse(text) as Manifest & { readonly engines: { readonly node: string } };
  const beneath = Object.keys(dependencies).map(name => name.replace('@spider/', 'packages/'));
  const sources = documents(...[dirname(path), ...beneath].map(directory => `${directory}/src/**/*.ts`));
  // `getBuiltinModule` exists since Node 22.3; the tests run on newer versions.
  const isNewer = sources.some(({ text }) => text.includes('process.getBuiltinModule'));
  expect(engines.node).toBe(isNewer ? '>=22.3' : '>=22');
  const [readme] = documents(`${dirname(path)}/README.md`);
  const [, told = '22'] = /Node \(?(22[.\d]*) or newer/.exec(readme!.text) ?? [];
  expect(`>=${told}`).toBe(engines.node);
});

test('a dependency from npm is pinned to a version', () => {
  const manifests = documents('{.,tools,packages/*,apps/*}/package.json').map(({ text }) => JSON.parse(text));
  const ours = manifests.map(({ name }) => name);
  const ranges = manifests.flatMap(({ dependencies, devDependencies, optionalDependencies, overrides }) =>
    Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides }),
  );
  expect(ranges.filter(([name, range]) => !ours.includes(name) && !/^\d+\.\d+\.\d+$/.test(`${range}`))).toEqual([]);
});

test('package-lock.json has the sums of packages, and no addresses that not everybody can reach', () => {
  const { packages } = JSON.parse(documents('package-lock.json')[0]!.text) as {
    readonly packages: Readonly<Record<string, { resolved?: string; integrity?: string; link?: boolean }>>;
  };
  const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);
  expect(installed.filter(([, { resolved, integrity }]) => resolved || !integrity)).toEqual([]);
});
