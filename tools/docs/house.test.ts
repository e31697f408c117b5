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
