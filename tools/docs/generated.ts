// Generated parts of documents. Each is enclosed by two comments that name it.
import { figureTables, loadSentence } from './figures.ts';
import { keyTable } from './key-table.ts';

/** By document, and by the name in the comments. */
export const generated: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/configuration.md': { keys: keyTable },
  'docs/performance.md': {
    veth: () => figureTables('veth'),
    rtnetlink: () => figureTables('rtnetlink'),
    load: () => figureTables('load'),
  },
  'packages/cni-skel/README.md': { load: () => loadSentence('cni-skel') },
  'packages/ip/README.md': { load: () => loadSentence('ip') },
  'packages/libc/README.md': { load: () => loadSentence('libc') },
  'packages/netfilter/README.md': { load: () => loadSentence('netfilter') },
  'packages/netns/README.md': { load: () => loadSentence('netns') },
  'packages/rtnetlink/README.md': { load: () => loadSentence('rtnetlink') },
};

/**
 * The text of the document with its parts generated again.
 * @throws Error the document lacks the comments of a part
 */
export function regenerate(path: string, text: string): string {
  return Object.entries(generated[path] ?? {}).reduce((whole, [name, make]) => {
    const [begin, end] = [`<!-- made by "npm run draw -w tools": ${name} -->\n`, `<!-- end of ${name} -->`];
    const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${path}: no place for ${name}, between ${begin.trim()} and ${end}`);
    return `${whole.slice(0, from + begin.length)}\n${make()}\n\n${whole.slice(to)}`;
  }, text);
}
