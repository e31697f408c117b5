// Follows docs/tutorial.md word by word.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blocksOf, documents, root } from '../docs/markdown.ts';
import { runInSandbox } from '../sandbox.ts';
import { createProject, type Packed, packAll } from './tarballs.ts';

const directory = mkdtempSync(join(tmpdir(), 'tutorial-'));
afterAll(() => rmSync(directory, { recursive: true }));

const [tutorial] = documents('docs/tutorial.md');
const blocks = blocksOf(tutorial!, 'sh', 'text', 'ts', 'js');

let packed: Packed[];
beforeAll(() => {
  packed = packAll(directory);
  // Created beforehand, because npm cannot reach a registry in the sandbox.
  createProject(
    join(directory, 'installed'),
    packed.map(({ tarball }) => tarball),
  );
});

/** Replaces the installation of packages by the tarballs, and that of Bun by the workspace's Bun. */
function withoutRegistry(line: string): string {
  if (!line.startsWith('npm install ')) return line;
  if (line.endsWith(' bun'))
    return `mkdir -p node_modules/.bin; ln -s '${join(root, 'node_modules/.bin/bun')}' node_modules/.bin/bun`;
  const wanted = line.split(' ').filter(word => word.startsWith('@'));
  expect(packed.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted));
  return `cp -r '${join(directory, 'installed/node_modules')}' .`;
}

test('it makes a plugin that works, in less than 60 lines', () => {
  const mark = 'what comes next was printed by block';
  const script = blocks.map(({ info, content }, i) => {
    const [language, name = ''] = info.split(' ');
    if (language === 'text') return '';
    if (language !== 'sh') return `cp '${writeBlock(i, content)}' ${name}`;
    return `echo '${mark} ${i}'\n${content.split('\n').map(withoutRegistry).join('\n')}`;
  });
  const { stdout, stderr, status } = runInSandbox('sh', ['-ec', script.join('\n')], { cwd: directory, stdio: 'pipe' });
  expect(status, `${stdout}${stderr}`).toBe(0);
  const printed = new Map(
    `${stdout}`
      .split(`${mark} `)
      .slice(1)
      .map(part => [Number.parseInt(part, 10), part.slice(part.indexOf('\n') + 1)]),
  );
  const shown = blocks.flatMap(({ info, content }, i) => (info === 'text' ? [[i - 1, content] as const] : []));
  for (const [i, content] of shown) expect(printed.get(i), blocks[i]!.at).toBe(content);

  const lines = blocks
    .find(({ info }) => info === 'ts deny.ts')!
    .content.trimEnd()
    .split('\n');
  expect(lines.length).toBeLessThan(60);
});

function writeBlock(i: number, content: string): string {
  const file = join(directory, `block-${i}`);
  writeFileSync(file, content);
  return file;
}
