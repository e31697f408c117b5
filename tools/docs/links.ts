// Where links lead: to a file, and to a heading of it. Documents have links of one kind only, `[text](target)`, so that
// none is overlooked.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, type Document, documents, proseOf, root } from './markdown.ts';

/** Links by reference, of HTML, and of bare angle brackets. */
const others = /\]\[[^\]]*\]|^ *\[[^\]]+\]:.*$|<(?:a|img|picture|source)\b[^>]*>|<(?:https?|mailto):[^>]*>/gim;

/** The links of a document that lead nowhere, and those that are of another kind. */
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
