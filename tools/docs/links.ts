// Checks targets of links: a file, and a heading in it. Documents may use only links of the form `[text](target)`, so that
// none is overlooked.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, type Document, documents, proseOf, root } from './markdown.ts';

/** Reference links, HTML links and links in angle brackets. */
const others = /\]\[[^\]]*\]|^ *\[[^\]]+\]:.*$|<(?:a|img|picture|source)\b[^>]*>|<(?:https?|mailto):[^>]*>/gim;

/** The links of a document that lead nowhere, and those of another form. */
export function brokenLinks(document: Document): string[] {
  const text = proseOf(document).replaceAll(/`[^`\n]+`/g, 'code');
  const targets = [...text.matchAll(/\]\(([^)]*)\)/g)].map(([, target = '']) => target);
  return [...targets.filter(target => !leadsSomewhere(document, target)), ...(text.match(others) ?? [])];
}

function leadsSomewhere(document: Document, target: string): boolean {
  if (/^https:\/\/[^\s/]+\.\S+$/.test(target)) return true;
  const [path = '', anchor] = target.split('#');
  if (path === '') return anchor !== undefined && anchorsOf(document).includes(anchor);
  const file = normalize(join(dirname(document.path), path));
  if (file.startsWith('..') || /(^|\/)(dist|node_modules)(\/|$)/.test(file) || !existsSync(join(root, file)))
    return false;
  if (anchor === undefined) return true;
  return statSync(join(root, file)).isFile() && documents(file).flatMap(anchorsOf).includes(anchor);
}
