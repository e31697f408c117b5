import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, documents, proseOf, root } from './markdown.ts';

const all = documents('README.md', 'docs/**/*.md', '{apps,packages}/*/README.md');

test('there is a README for the workspace and for each project in it', () => {
  const expected = ['README.md', ...documents('{apps,packages}/*/package.json').map(({ path }) => dirname(path))];
  expect(all.map(({ path }) => path)).toEqual(
    expect.arrayContaining(expected.map(path => (path.endsWith('.md') ? path : `${path}/README.md`))),
  );
});

test.each(all)('every link in $path leads to a file, and to a heading of it', document => {
  const targets = [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const broken = targets.filter(target => {
    if (/^https?:/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? document.path : normalize(join(dirname(document.path), path));
    if (file.startsWith('..') || !existsSync(join(root, file))) return true;
    return anchor !== undefined && !documents(file).flatMap(anchorsOf).includes(anchor);
  });
  expect(broken).toEqual([]);
});
