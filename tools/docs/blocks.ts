// The allowed kinds of fenced blocks. Each is tested, or marked as requiring a cluster. Readers would trust a block of any
// other kind, although nobody tests it.
import { parse } from 'yaml';
import { type Block, blocksOf, type Document, fencesIn } from './markdown.ts';
import { stepsOf } from './transcript.ts';

/** By the words after the fence: the documents in which such a block is tested. */
const tried: Readonly<Record<string, (path: string, block: Block) => boolean>> = {
  // commands.test.ts. READMEs of packages have one such line, which release/consumption.test.ts covers.
  sh: (path, { content }) => !isOfPackage(path) || /^npm install @spider\/[a-z-]+\n$/.test(content),
  'sh workspace': path => !isOfPackage(path),
  'sh cluster': path => !isOfPackage(path),
  // Output of the block before it, or a drawing.
  text: path => !isOfPackage(path),
  // configuration.test.ts
  json: (path, { content }) => !isOfPackage(path) && JSON.parse(content) !== null,
  // configuration.test.ts and cluster.test.ts
  yaml: (path, { content }) =>
    !isOfPackage(path) && ['NetworkAttachmentDefinition', 'Pod'].includes(parse(content)?.kind),
  // cluster.test.ts
  'yaml values': path => path === 'docs/quickstart-cluster.md',
  // release/tutorial.test.ts
  'sh tutorial': path => path === 'docs/tutorial.md',
  'ts deny.ts': path => path === 'docs/tutorial.md',
  'js deny.test.mjs': path => path === 'docs/tutorial.md',
  // release/consumption.test.ts
  ts: isOfPackage,
  js: isOfPackage,
  // An example of a changeset.
  markdown: path => path === 'docs/CONTRIBUTING.md',
};

function isOfPackage(path: string): boolean {
  return path.startsWith('packages/');
}

/** Positions of blocks that no test covers. */
export function untried(document: Document): string[] {
  const { path } = document;
  const all = blocksOf(document);
  // Blocks that readers see but the tests do not: other fences, indented ones, unclosed ones.
  const overlooked = fencesIn(document).length === 2 * all.length ? [] : [`${path}: a fence that is not of a block`];
  return [...overlooked, ...all.filter(block => !isTried(document, block)).map(({ at, info }) => `${at}: ${info}`)];
}

function isTried(document: Document, block: Block): boolean {
  const { info, content } = block;
  try {
    if (info.split(' ')[0] !== 'console') return tried[info]?.(document.path, block) ?? false;
    // commands.test.ts, from the first command on.
    return !isOfPackage(document.path) && content.startsWith('$ ') && stepsOf(document).length > 0;
  } catch {
    return false;
  }
}
