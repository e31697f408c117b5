// The commands of a document for the lab: those in its blocks "console", with their expected output, and those in comments,
// which break something before it is shown and repair it afterwards.
import { type PodKind, pods } from '../lab/pods.ts';
import { blocksOf, type Document } from './markdown.ts';

export interface Step {
  readonly pod: PodKind;
  readonly line: string;
  readonly output: string;
}

/**
 * `<!-- lab: COMMAND -->`, which prints nothing. It is converted to a block, so that it keeps its position among the
 * blocks.
 */
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
