import { expect, test } from 'vitest';
import { generated, regenerate } from './generated.ts';
import { documents } from './markdown.ts';

test.each(Object.keys(generated))('what is made in %s is as it is made now: run "npm run draw -w tools"', path => {
  const { text } = documents(path)[0]!;
  expect(text).toBe(regenerate(path, text));
});
