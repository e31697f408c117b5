// What is typed in the lab for a document: the commands in its blocks "console", with what they are said to print, and
// those in its comments, which break something before it is shown and mend it behind.
import { type PodKind, pods } from '../lab/pods.ts';
import { blocksOf, type Document } from './markdown.ts';

export interface Step {
  readonly pod: PodKind;
  readonly line: string;
  readonly output: string;
}

/** `<!-- lab: COMMAND -->`, which prints nothing. It is made a block, to be found in its place among them. */
const comment = /^<!-- lab(?<words>[ a-z]*): (?<command>.*) -->$/gm;

export function stepsOf({ path, text }: Document): Step[] {
  const spelledOut = text.replaceAll(comment, '```console$<words>\n$ $<command>\n```');
  return blocksOf({ path, text: spelledOut }, 'console').flatMap(({ at, info, content }) => {
    const words = info.split(' ').slice(1);
    const pod = words.find((word): word is PodKind => Object.hasOwn(pods, word)) ?? 'one';
    const unknown = words.filter(word => word !== 'node' && word !== pod);
    if (unknown.length > 0) throw new Error(`${at}: a console knows nothing of ${unknown.join(' ')}`);
    return [...content.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command = '', output = '']) => ({
      pod,
      line: words.includes('node') ? `ip netns exec node bash -c '${command.replaceAll("'", `'\\''`)}'` : command,
      output,
    }));
  });
}
