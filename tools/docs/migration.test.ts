// What docs/migration.md says of keys is what the plugin takes.
import { expect, test } from 'vitest';
import { jsonSchema } from '../../apps/veth/src/cli/schema/json-schema.ts';
import { aliases } from '../../apps/veth/src/config/aliases.ts';
import { documents } from './markdown.ts';

const [page] = documents('docs/migration.md');
const rows = [...page!.text.matchAll(/^\| (`.*?) \| (.*?) \|$/gm)].map(([, theirs = '', here = '']) => ({
  theirs: wordsOf(theirs),
  here: wordsOf(here),
}));

function wordsOf(cell: string): string[] {
  return [...cell.matchAll(/`([a-z_A-Z.]+)`/g)].map(([, word = '']) => word);
}

test('it names every key that is taken under another name, beside ours', () => {
  for (const [theirs, { key }] of Object.entries(aliases)) {
    const row = rows.find(row => row.theirs.includes(theirs));
    expect(row?.here, theirs).toContain(key);
  }
});

test('the keys that it sends people to exist', () => {
  const { properties } = jsonSchema() as { readonly properties: Record<string, { readonly properties?: object }> };
  const known = Object.entries(properties).flatMap(([key, { properties: inner = {} }]) => [
    key,
    ...Object.keys(inner).flatMap(name => [name, `${key}.${name}`]),
  ]);
  const sentTo = rows
    .flatMap(({ here }) => here)
    .filter(word => !['true', 'false', 'value', 'info', 'main'].includes(word));
  expect(sentTo.filter(word => word !== 'veth' && !known.includes(word))).toEqual([]);
  expect(sentTo.length).toBeGreaterThan(20);
});
