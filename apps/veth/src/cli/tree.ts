/** A line of text, and the lines below it. */
export interface Tree {
  readonly line: string;
  readonly below?: readonly Tree[];
}

/** Trees as text, with branches drawn in box-drawing characters. */
export function treeText(trees: readonly Tree[]): string {
  return trees.flatMap(({ line, below = [] }) => [line, ...branches(below)]).join('\n');
}

function branches(trees: readonly Tree[]): string[] {
  return trees.flatMap(({ line, below = [] }, i) => {
    const last = i === trees.length - 1;
    const [first, rest] = last ? ['└─ ', '   '] : ['├─ ', '│  '];
    return [`${first}${line}`, ...branches(below).map(inner => `${rest}${inner}`)];
  });
}
