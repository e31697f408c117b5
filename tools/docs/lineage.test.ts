// Checks that every test that docs/lineage.md refers to exists.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { documents, root } from './markdown.ts';

const [page] = documents('docs/lineage.md');
const [held = ''] = page!.text.split('## What does not apply');
const rows = [...held.matchAll(/^\| (?!It is right that|Users asked that|---)(.*?) \| (.*) \|$/gm)].map(
  ([, behaviour = '', tests = '']) => ({ behaviour, tests }),
);

test.each(rows)('the tests are there which hold us to it that $behaviour', ({ tests }) => {
  const promised = [...tests.matchAll(/\[(.*?)\]\((\S+\.test\.ts)\)/g)].map(([, name = '', path = '']) => ({
    name,
    path,
  }));
  expect(promised).not.toEqual([]);
  const missing = promised.filter(({ name, path }) => {
    const source = readFileSync(join(root, dirname(page!.path), path), 'utf8').replaceAll(/\(\s+/g, '(');
    return !source.includes(`('${name}',`);
  });
  expect(missing).toEqual([]);
});

test('the page has tables', () => expect(rows.length).toBeGreaterThan(50));
