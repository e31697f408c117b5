import { closeSync, openSync, readSync, statSync } from 'node:fs';

const chunkSize = 1024 * 1024;

/** True if both files exist and have the same content. */
export function sameContent(one: string, other: string): boolean {
  const [first, second] = [one, other].map(path => statSync(path, { throwIfNoEntry: false }));
  if (!first || !second || first.size !== second.size) return false;
  const [a, b] = [openSync(one, 'r'), openSync(other, 'r')];
  try {
    const [mine, theirs] = [Buffer.alloc(chunkSize), Buffer.alloc(chunkSize)];
    for (;;) {
      const [count, other] = [readSync(a, mine), readSync(b, theirs)];
      if (count !== other || !mine.subarray(0, count).equals(theirs.subarray(0, count))) return false;
      if (count === 0) return true;
    }
  } finally {
    closeSync(a);
    closeSync(b);
  }
}
