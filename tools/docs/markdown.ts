// What the tests need to know of the Markdown files.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A Markdown file of the repository. */
export interface Document {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block. */
export interface Block {
  /** Where it begins: `README.md:12`. */
  readonly at: string;
  /** The words behind the fence: the language, and what the block is for. */
  readonly info: string;
  readonly content: string;
}

export function documents(...patterns: readonly string[]): Document[] {
  const paths = patterns.flatMap(pattern => globSync(pattern, { cwd: root })).sort();
  return paths.map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The documents for users and contributors of the workspace as a whole. */
export const manual = documents('README.md', 'docs/**/*.md', 'apps/*/README.md');

/** Those of packages and of their tests too. */
export const everyDocument = documents(
  'README.md',
  'docs/**/*.md',
  'apps/*/README.md',
  'packages/*/{,test/**/}*.md',
).filter(
  // What changesets make.
  ({ path }) => !path.endsWith('CHANGELOG.md'),
);

const fenced = /^( *)```(\S[^\n]*)\n(.*?)^\1```$/gms;

/** The lines that begin or end a block to GitHub. */
export function fencesIn({ text }: Document): string[] {
  return text.match(/^[ >]*(?:`{3,}|~{3,}).*$/gm) ?? [];
}

/** The blocks in one of these languages, or in any. */
export function blocksOf({ path, text }: Document, ...languages: readonly string[]): Block[] {
  return [...text.matchAll(fenced)].flatMap(({ index, 1: indent = '', 2: info = '', 3: content = '' }) => {
    const line = text.slice(0, index).split('\n').length;
    const block = { at: `${path}:${line}`, info, content: content.replaceAll(new RegExp(`^${indent}`, 'gm'), '') };
    return languages.length === 0 || languages.includes(info.split(' ')[0] ?? '') ? [block] : [];
  });
}

/** The text without its fenced blocks. */
export function proseOf({ text }: Document): string {
  return text.replaceAll(fenced, '');
}

/** What a link may lead to in a document: its headings, as GitHub spells them. */
export function anchorsOf(document: Document): string[] {
  const before = new Map<string, number>();
  return [...proseOf(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const times = before.get(anchor) ?? 0;
    before.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}
