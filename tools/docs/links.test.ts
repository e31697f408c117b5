import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { brokenLinks } from './links.ts';
import { anchorsOf, documents, everyDocument } from './markdown.ts';

test('there is a README for the workspace and for each project in it', () => {
  const expected = ['README.md', ...documents('{apps,packages}/*/package.json').map(({ path }) => dirname(path))];
  expect(everyDocument.map(({ path }) => path)).toEqual(
    expect.arrayContaining(expected.map(path => (path.endsWith('.md') ? path : `${path}/README.md`))),
  );
});

test.each(everyDocument)('every link in $path leads to a file, and to a heading of it', document => {
  expect(brokenLinks(document)).toEqual([]);
});

const page = (text: string) => ({
  path: 'docs/page.md',
  text: `# A page: its \`code\`, and "more"\n\n## Twice\n\n## Twice\n${text}`,
});

test('headings have the anchors that GitHub gives them', () => {
  expect(anchorsOf(page(''))).toEqual(['a-page-its-code-and-more', 'twice', 'twice-1']);
});

test.each([
  '[page](security.md)',
  '[heading](security.md#what-is-written-where)',
  '[with punctuation](configuration.md#cluster_cidr) and [more](troubleshooting.md#the-node-is-not-ready-status-50-and-51)',
  '[own heading](#a-page-its-code-and-more) [second](#twice-1)',
  '![picture](datapath.svg)',
  '[directory](../deploy/chart) [web](https://example.com/x) `](nothing.md)`',
])('nothing is wrong with %s', text => {
  expect(brokenLinks(page(text))).toEqual([]);
});

test.each([
  ['a file that is not there', '[x](secrity.md)', 'secrity.md'],
  ['a file of another case', '[x](Security.md)', 'Security.md'],
  ['a heading that is not there', '[x](security.md#what-is-written)', 'security.md#what-is-written'],
  ['a heading with its punctuation', '[x](troubleshooting.md#the-node-is-not-ready:-status-50-and-51)', undefined],
  ['a heading of its own that is not there', '[x](#nothing)', '#nothing'],
  ['one heading too many', '[x](#twice-2)', '#twice-2'],
  ['a heading of a directory', '[x](../deploy#chart)', '../deploy#chart'],
  ['a picture that is not there', '![x](figures/datapath.svg)', 'figures/datapath.svg'],
  ['a file that a build makes', '[x](../apps/veth/dist/veth)', '../apps/veth/dist/veth'],
  ['a file outside the repository', '[x](../../etc/passwd)', '../../etc/passwd'],
  ['an address that is none', '[x](https://example)', 'https://example'],
  ['a title', '[x](security.md "Security")', 'security.md "Security"'],
  ['nothing', '[x]()', ''],
  ['a reference', '[x][y]', '][y]'],
  ['a reference’s target', '[y]: security.md', '[y]: security.md'],
  ['HTML', '<img src="x.svg">', '<img src="x.svg">'],
])('a link is broken that leads to %s', (_, text, target) => {
  expect(brokenLinks(page(text))).toEqual([target ?? expect.any(String)]);
});
