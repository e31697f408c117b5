// What fenced blocks there may be. Each is held to what it says by a test, or needs a cluster and says so: a block of any
// other kind would be believed by readers and tried by nobody.
import { parse } from 'yaml';
import { type Block, blocksOf, type Document, fencesIn } from './markdown.ts';
import { stepsOf } from './transcript.ts';

/** By the words behind the fence: the block is tried, in a document of this path. */
const tried: Readonly<Record<string, (path: string, block: Block) => boolean>> = {
  // commands.test.ts. The READMEs of packages have one line of it, which release/consumption.test.ts follows.
  sh: (path, { content }) => !isOfPackage(path) || /^npm install @spider\/[a-z-]+\n$/.test(content),
  'sh workspace': path => !isOfPackage(path),
  'sh cluster': path => !isOfPackage(path),
  // What the block before it prints, or a drawing.
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
  // What a changeset looks like.
  markdown: path => path === 'docs/CONTRIBUTING.md',
};

function isOfPackage(path: string): boolean {
  return path.startsWith('packages/');
}

/** The places of blocks that no test tries. */
export function untried(document: Document): string[] {
  const { path } = document;
  const all = blocksOf(document);
  // What is no block to the tests may be one to readers: other fences, deeper ones, one that is not closed.
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
