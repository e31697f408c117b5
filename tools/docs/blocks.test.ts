// Checks that every block with commands, a configuration or a program is tested, or is marked as requiring a cluster.
import { expect, test } from 'vitest';
import { untried } from './blocks.ts';
import { everyDocument } from './markdown.ts';

test.each(everyDocument)('every block in $path is tried, or needs a cluster', document => {
  expect(untried(document)).toEqual([]);
});

const bogus = {
  'of a language that nobody tries': '```bash\nls\n```\n',
  'of a kind that there is not': '```sh later\nls\n```\n',
  'without a language': '```\nls\n```\n',
  'between other fences': '~~~sh\nls\n~~~\n',
  'between longer fences': '````sh\nls\n````\n',
  'that a quotation holds': '> ```sh\n> ls\n> ```\n',
  'that is not closed': '```sh\nls\n',
  'of a transcript without a command': '```console\nls\n```\n',
  'of a transcript elsewhere': '```console nowhere\n$ ls\n```\n',
  'of a manifest that nobody reads': '```yaml\nkind: Deployment\n```\n',
  'of JSON that is none': '```json\n{ ... }\n```\n',
  'of a program': '```py\nprint()\n```\n',
};

test.each(everyDocument)('a block would be found in $path that no test tries', ({ path, text }) => {
  for (const [kind, block] of Object.entries(bogus))
    expect(untried({ path, text: `${text}\n${block}` }), kind).not.toEqual([]);
});
